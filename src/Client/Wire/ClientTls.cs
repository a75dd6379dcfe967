// TLS of the client: whom it trusts, and as whom it shows itself.
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RaftLocks.Api;

namespace RaftLocks.Client.Wire;

internal static class ClientTls
{
    /// <summary>The options of a handshake.</summary>
    /// <param name="options">The client's settings.</param>
    /// <param name="host">The node's name; null where the runtime fills it in.</param>
    public static SslClientAuthenticationOptions Options(RaftLocksOptions options, string? host = null) =>
        new()
        {
            TargetHost = host,
            ClientCertificateContext = Own(options.ClientCertificates),
            RemoteCertificateValidationCallback = (sender, shown, chain, errors) =>
                CertificateCheck.Problem(sender, shown, chain, errors, options.CertificateAuthorities)
                    is not { } problem
                || Refuse(problem),
        };

    private static SslStreamCertificateContext? Own(X509Certificate2Collection? certificates) =>
        certificates?.FirstOrDefault(one => one.HasPrivateKey) is { } own
            ? SslStreamCertificateContext.Create(
                own,
                [.. certificates.Where(one => !ReferenceEquals(one, own))],
                offline: true
            )
            : null;

    // By an exception, so that whoever asked learns why.
    private static bool Refuse(string problem) => throw new AuthenticationException(problem);
}
