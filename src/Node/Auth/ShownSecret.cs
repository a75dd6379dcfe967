// Where a token is in a request: in the header Authorization; on a WebSocket from a browser, which can't set that, as a
// subprotocol; and in the query where a setting allows it.
using Microsoft.Extensions.Primitives;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Protocol;

namespace RaftLocks.Node.Auth;

/// <summary>Finds tokens in requests.</summary>
internal static class ShownSecret
{
    private const string Prefix = "Bearer ";

    /// <summary>What a request shows; null for nothing, or for what is not accepted: then there is a refusal.</summary>
    public static string? Of(HttpRequest request, NodeSettings settings, out string? refusal)
    {
        refusal = null;
        var header = request.Headers.Authorization.ToString();
        if (header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return header[Prefix.Length..].Trim();
        }

        if (header.Length > 0)
        {
            refusal = "The header Authorization is not understood: send Authorization: Bearer TOKEN.";
            return null;
        }

        if (request.Headers.SecWebSocketProtocol is { Count: > 0 } offered && OfProtocols(offered) is { } said)
        {
            return said;
        }

        var query = request.Query[QueryParameters.AccessToken].ToString();
        if (query.Length > 0 && !settings.AllowQueryToken)
        {
            refusal = "A token in the query is not accepted here: send it as a header, or set --allow-query-token.";
            return null;
        }

        return query.Length > 0 ? query : null;
    }

    private static string? OfProtocols(StringValues offered)
    {
        foreach (var one in offered.SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries)))
        {
            if (one.StartsWith(Subprotocols.TokenPrefix, StringComparison.Ordinal))
            {
                return one[Subprotocols.TokenPrefix.Length..];
            }
        }

        return null;
    }
}
