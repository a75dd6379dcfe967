// TLS between members, in both directions: each side shows a certificate that the cluster's own authority has signed
// and that names it, by a DNS name that is the member's name. Whoever connects must be a member; whoever is connected
// to, the member that was wanted. The subject's common name is no proof: clients' certificates have one too, and may be
// of the same authority.
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RaftLocks.Node.Raft.Transport;

/// <summary>Proves who is at the two ends of a connection between members.</summary>
/// <param name="certificates">This node's, as they are now. Open connections keep those that they began with.</param>
/// <param name="admission">Who is a member.</param>
internal sealed class RaftTls(Func<RaftCertificates> certificates, IAdmission admission)
{
    // So that no other service with a certificate of the same authority can be passed off as a node, or the reverse.
    private static readonly List<SslApplicationProtocol> Protocols = [new("raftlocks-raft/1")];
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    /// <summary>The DNS names of a certificate.</summary>
    public static IReadOnlyList<string> NamesOf(X509Certificate2 certificate) =>
        [
            .. certificate
                .Extensions.OfType<X509SubjectAlternativeNameExtension>()
                .SelectMany(extension => extension.EnumerateDnsNames()),
        ];

    /// <summary>Lets whoever has connected prove who it is.</summary>
    /// <exception cref="RefusedException">It is no member, or can't prove it.</exception>
    public async Task<AcceptedStream> SecureAsync(AcceptedStream accepted, CancellationToken token)
    {
        var current = certificates();
        var shown = new Shown(null);
        var stream = new SslStream(accepted.Stream);
        try
        {
            await stream.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = current.Own,
                    ClientCertificateRequired = true,
                    CertificateChainPolicy = Policy(current, ClientAuthentication),
                    RemoteCertificateValidationCallback = shown.Check,
                    ApplicationProtocols = Protocols,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    AllowTlsResume = false,
                    AllowRenegotiation = false,
                },
                token
            );
            Require(stream);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or ObjectDisposedException)
        {
            throw new RefusedException(shown.Problem ?? $"a connection without TLS, or without trust: {e.Message}");
        }

        return shown.Names.Any(admission.IsMember)
            ? accepted with
            {
                Stream = stream,
                Names = shown.Names,
            }
            : throw new RefusedException(
                $"a certificate for {string.Join(", ", shown.Names)}, which is no member",
                isUnknown: true
            );
    }

    /// <summary>Proves to a member who this node is, and lets it prove that it is that member.</summary>
    /// <exception cref="IOException">It is not, or does not believe this node.</exception>
    public async Task<Stream> SecureAsync(Stream connected, EndPoint remote, CancellationToken token)
    {
        var shown = new Shown(admission.NameAt(remote));
        var stream = new SslStream(connected);
        try
        {
            var current = certificates();
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = shown.Wanted ?? throw new AuthenticationException("no member has this address"),
                    ClientCertificateContext = current.Own,
                    CertificateChainPolicy = Policy(current, ServerAuthentication),
                    RemoteCertificateValidationCallback = shown.Check,
                    ApplicationProtocols = Protocols,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    AllowTlsResume = false,
                    AllowRenegotiation = false,
                },
                token
            );
            Require(stream);
            return stream;
        }
        catch (AuthenticationException e)
        {
            await stream.DisposeAsync();
            var problem = shown.Problem ?? $"no TLS connection: {e.Message}";
            admission.OnRefused(remote, isUnknown: false, problem);
            throw new IOException($"{remote}: {problem}", e);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private static void Require(SslStream stream)
    {
        if (stream.NegotiatedApplicationProtocol != Protocols[0])
        {
            throw new AuthenticationException("the other end does not speak Raft");
        }
    }

    private static X509ChainPolicy Policy(RaftCertificates current, Oid purpose)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(current.Authorities);
        policy.ApplicationPolicy.Add(purpose);
        return policy;
    }

    /// <summary>What the other end has shown.</summary>
    /// <param name="wanted">The name that it must have; null for any.</param>
    private sealed class Shown(string? wanted)
    {
        /// <summary>The name that it must have.</summary>
        public string? Wanted => wanted;

        /// <summary>Its names.</summary>
        public IReadOnlyList<string> Names { get; private set; } = [];

        /// <summary>Why it is not trusted.</summary>
        public string? Problem { get; private set; }

        public bool Check(object sender, X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors)
        {
            if (shown is not X509Certificate2 certificate)
            {
                Problem = "a connection that shows no certificate";
                return false;
            }

            Names = NamesOf(certificate);
            if ((errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) != SslPolicyErrors.None)
            {
                var why = chain?.ChainStatus.Select(status => status.StatusInformation.Trim().TrimEnd('.'));
                Problem = $"a certificate ({certificate.Subject}) that is not trusted: {string.Join("; ", why ?? [])}";
                return false;
            }

            if (wanted is not null && !Names.Contains(wanted, StringComparer.OrdinalIgnoreCase))
            {
                Problem = $"a certificate for {string.Join(", ", Names)}, where {wanted} was expected";
                return false;
            }

            return true;
        }
    }
}
