// TLS as one who asks: whom it trusts, and as whom it shows itself. All is looked up at each handshake, so that files
// may be replaced while the process runs.
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace RaftLocks.Api;

/// <summary>How a client of the HTTP API does TLS.</summary>
public sealed class TlsClient
{
    /// <summary>The authorities that it trusts; null for those of the system.</summary>
    public Func<X509Certificate2Collection?> Authorities { get; init; } = () => null;

    /// <summary>The certificate that it shows where it is asked for one; null for none.</summary>
    public Func<SslStreamCertificateContext?> Certificate { get; init; } = () => null;

    /// <summary>
    /// Whether a server's certificate is this process's own: then it asks itself, under whatever name, and nobody else
    /// has the key.
    /// </summary>
    public Func<X509Certificate2, bool> IsOwn { get; init; } = _ => false;

    /// <summary>Called with a host and what is wrong with its certificate, a part of a sentence.</summary>
    public Action<string, string>? Untrusted { get; init; }

    /// <summary>The options of a handshake.</summary>
    public SslClientAuthenticationOptions Options() =>
        new()
        {
            RemoteCertificateValidationCallback = Check,
            LocalCertificateSelectionCallback = (_, _, _, _, _) => Certificate()?.TargetCertificate!,
        };

    private bool Check(object sender, X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors)
    {
        if (shown is X509Certificate2 certificate && IsOwn(certificate))
        {
            return true;
        }

        var problem = CertificateCheck.Problem(sender, shown, chain, errors, Authorities());
        return problem is null || Refuse((sender as SslStream)?.TargetHostName ?? "", problem);
    }

    // By an exception, so that whoever asked learns why.
    private bool Refuse(string host, string problem)
    {
        Untrusted?.Invoke(host, problem);
        throw new AuthenticationException(problem);
    }
}
