// Client certificates as principals. Kestrel has checked a certificate against the authorities of clients when the
// connection began (--tls-client-ca); here it gets a name. A follower that forwards a client says to the leader whose
// certificate it has seen. That counts only from a member, which proves itself by its own certificate as it does on the
// Raft port: a header alone anybody could send.
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using RaftLocks.Api;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;

namespace RaftLocks.Node.Auth;

/// <summary>Authenticates by client certificate.</summary>
/// <param name="settings">The node's.</param>
/// <param name="authenticator">Has the clock.</param>
/// <param name="isNodes">Whether a certificate is a node's: it stands for whoever the node asks for, so for
/// nobody.</param>
/// <param name="isMembers">Whether a certificate proves that the other end is a member.</param>
internal sealed class CertificateAuthentication(
    NodeSettings settings,
    Authenticator authenticator,
    Func<X509Certificate2, bool> isNodes,
    Func<X509Certificate2, bool> isMembers
)
{
    /// <summary>
    /// The header in which a member says whose certificate it has seen: until when it counts, and the principal.
    /// </summary>
    public const string SeenHeader = "RaftLocks-Seen-Certificate";

    /// <summary>
    /// Who has connected; null if the certificate names nobody, and what is wrong if that is an error.
    /// </summary>
    public (Caller? Caller, string? Refusal) Find(HttpContext context)
    {
        if (context.Request.Headers[SeenHeader] is { Count: > 0 } seen)
        {
            return OfMember(context, seen.ToString());
        }

        if (ForwardedRequests.Has(context) || Shown(context) is not { } shown || isNodes(shown))
        {
            return default;
        }

        return NameOf(shown) is { } name
            ? (authenticator.Of(new ProvenIdentity(name, [], UntilMs(shown))), null)
            : default;
    }

    /// <summary>Why the certificate of a connection names nobody; null if there is none.</summary>
    public string? Hint(HttpContext context) =>
        ForwardedRequests.Has(context) || Shown(context) is not { } shown ? null
        : isNodes(shown) ? "The certificate is a node's, and stands for nobody: show a token, or one of your own."
        : NameOf(shown) is null
            ? "The certificate names nobody: it has no common name, several, or one that is too long. Show a token."
        : null;

    /// <summary>
    /// What is said to the leader about a client that is forwarded; null if its certificate does not say who it is.
    /// </summary>
    public string? Seen(HttpContext context) =>
        authenticator.IsOn
        && ShownSecret.Of(context.Request, settings, out _) is null
        && Find(context).Caller is { Proven: { } proven }
            ? string.Create(CultureInfo.InvariantCulture, $"{proven.UntilMs} {proven.Name}")
            : null;

    private static bool IsOfCertificate(string name) =>
        name.StartsWith(BoundNames.OfCertificate, StringComparison.Ordinal);

    private static string? NameOf(X509Certificate2 shown) =>
        CertificateNames.Holder(shown) is { } holder
        && BoundNames.Of(BoundNames.OfCertificate, holder) is { Length: <= StateMachine.Limits.MaxAuthNameBytes } name
            ? name
            : null;

    private static long UntilMs(X509Certificate2 shown) =>
        new DateTimeOffset(shown.NotAfter.ToUniversalTime()).ToUnixTimeMilliseconds();

    // Without authorities nobody has checked it.
    private X509Certificate2? Shown(HttpContext context) =>
        settings.Certificates.ClientAuthorities is null ? null : context.Connection.ClientCertificate;

    private (Caller? Caller, string? Refusal) OfMember(HttpContext context, string seen)
    {
        if (Shown(context) is not { } shown || !isMembers(shown))
        {
            return (
                null,
                "A node asks for a client with a certificate, and does not prove that it is a member. Connect to the "
                    + "leader itself, or let the certificates of all nodes come from an authority of the Raft port "
                    + "(--raft-tls-ca)."
            );
        }

        return
            seen.Split(' ') is [var until, var name]
            && long.TryParse(until, NumberStyles.None, CultureInfo.InvariantCulture, out var untilMs)
            && IsOfCertificate(name)
            && BoundNames.IsWritten(name)
            ? (authenticator.Of(new ProvenIdentity(name, [], untilMs)), null)
            : (null, $"The header {SeenHeader} is not understood: give all nodes the same version.");
    }
}
