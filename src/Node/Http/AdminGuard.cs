// Who may administer: everybody who knows the token, or, where none is set, programs on the node's own machine. A
// request that another node forwarded, or that came through a proxy, is not local. A browser is never let in without a
// token: any web page can make it send a request to this machine, under a name of its own too (AllowedHosts). The
// dashboard asks for itself. Where authentication is on, the rights of a caller count instead: whoever comes here as an
// authenticated user was found to have them (Auth/AuthGate.cs).
using System.Net;
using System.Security.Cryptography;
using System.Text;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Http;

internal sealed class AdminGuard(NodeSettings settings)
{
    private const string Scheme = "Bearer ";

    private readonly AllowedHosts own = new(settings);
    private long wrongTokens;

    /// <summary>Requests that showed a wrong admin token, or another credential in its place.</summary>
    public long WrongTokens => Interlocked.Read(ref wrongTokens);

    /// <summary>Handles a request if it may pass, else says why not.</summary>
    public Task PassAsync(HttpContext context, Func<HttpContext, Task> handle) =>
        context.User.Identity is not { IsAuthenticated: true } && Refuse(context) is { } refusal
            ? Responses.TextAsync(context, refusal.Status, refusal.Sentence)
            : handle(context);

    private (int Status, string Sentence)? Refuse(HttpContext context)
    {
        if (settings.AdminToken is not { } token)
        {
            if (!settings.AdminLocal)
            {
                return (
                    StatusCodes.Status403Forbidden,
                    "Administration is switched off here: there is no admin token, and --admin-local is off."
                );
            }

            var direct =
                !context.Request.Headers.ContainsKey("X-Forwarded-For")
                && !context.Request.Headers.ContainsKey("Forwarded");
            if (
                context.Request.Headers.ContainsKey("Origin")
                || context.Request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "none")
            )
            {
                return (
                    StatusCodes.Status403Forbidden,
                    "Administration is not open to web pages without an admin token. Use the dashboard, or the "
                        + "command line."
                );
            }

            if (!own.Contains(context.Request.Host.Host))
            {
                return (
                    StatusCodes.Status403Forbidden,
                    "Without an admin token administration is only open under a name of this machine, as in "
                        + "http://127.0.0.1:9009, or under the node's own addresses."
                );
            }

            return direct && context.Connection.RemoteIpAddress is { } from && IPAddress.IsLoopback(from)
                ? null
                : (
                    StatusCodes.Status403Forbidden,
                    "Administration is only open to the node's own machine. Set --admin-token "
                        + "(RAFTLOCKS_ADMIN_TOKEN) on every node to administer from elsewhere."
                );
        }

        var said = context.Request.Headers.Authorization.ToString();
        if (said.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && IsSame(said[Scheme.Length..], token))
        {
            return null;
        }

        if (said.Length > 0)
        {
            Interlocked.Increment(ref wrongTokens);
        }

        return (
            StatusCodes.Status401Unauthorized,
            "Administration needs the admin token: Authorization: Bearer TOKEN."
        );
    }

    private static bool IsSame(string said, string token) =>
        CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(said)),
            SHA256.HashData(Encoding.UTF8.GetBytes(token))
        );
}
