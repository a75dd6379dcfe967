// TLS of the client port: as the server that clients connect to, and as a client of the other nodes and of this one
// itself.
using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using RaftLocks.Api;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Certificates;

internal sealed partial class NodeTls
{
    private const string ForClients = "1.3.6.1.5.5.7.3.2";

    private readonly ConcurrentDictionary<string, long> told = new(StringComparer.OrdinalIgnoreCase);
    private readonly WatchedCertificates certificates;
    private readonly ILogger logger;
    private readonly TimeProvider time;

    /// <summary>Uses what is current at each handshake.</summary>
    public NodeTls(WatchedCertificates certificates, ILogger logger, TimeProvider time)
    {
        this.certificates = certificates;
        this.logger = logger;
        this.time = time;
        Client = new TlsClient
        {
            Authorities = () => certificates.Current.Authorities,
            Certificate = () => certificates.Current.Own,
            IsOwn = shown => certificates.Current.IsOwn(shown),
            Untrusted = Tell,
        };
    }

    /// <summary>How this node asks others, and itself.</summary>
    public TlsClient Client { get; }

    /// <summary>Whether the certificates are those of the settings, and not of the web server's own.</summary>
    public bool IsConfigured => certificates.Current.Own is not null;

    /// <summary>Sets what all listeners with https do.</summary>
    public void Serve(HttpsConnectionAdapterOptions https)
    {
        https.HandshakeTimeout = TimeSpan.FromMilliseconds(Limits.TlsHandshakeMs);
        https.ServerCertificateSelector = (_, _) => certificates.Current.Own!.TargetCertificate;
        https.OnAuthenticate = (_, handshake) =>
        {
            // With the certificates between it and its authority, which the selector can't name.
            handshake.ServerCertificateSelectionCallback = null;
            handshake.ServerCertificateContext = certificates.Current.Own;

            // What was resumed would not be checked against authorities that have changed meanwhile.
            handshake.AllowTlsResume = certificates.Current.ClientAuthorities is null;
        };
        if (certificates.Current.ClientAuthorities is not null)
        {
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = IsTrusted;
        }
    }

    private bool IsTrusted(X509Certificate2 shown, X509Chain? built, SslPolicyErrors errors)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy = CertificateCheck.Policy(certificates.Current.ClientAuthorities!, ForClients);
        chain.ChainPolicy.ExtraStore.AddRange(built?.ChainPolicy.ExtraStore ?? []);
        return chain.Build(shown);
    }

    // Nodes ask each other several times a second.
    private void Tell(string host, string problem)
    {
        var now = time.GetTimestamp();
        var isKnown = told.TryGetValue(host, out var before);
        if (
            (isKnown && time.GetElapsedTime(before, now).TotalMilliseconds < Limits.UntrustedTellMs)
            || (!isKnown && told.Count >= Limits.MaxUntrustedHosts)
        )
        {
            return;
        }

        told[host] = now;
        Untrusted(logger, host, problem);
    }

    [LoggerMessage(502, LogLevel.Warning, "The node at {Host} is not trusted, and not asked: {Why} (--tls-ca)")]
    private static partial void Untrusted(ILogger logger, string host, string why);
}
