// ASP.NET Core's handler for RaftLocks' bearer tokens. A token comes in the header Authorization; on a WebSocket from a
// browser, which can't set that, as a subprotocol; and in the query where a setting allows it.
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Protocol;

namespace RaftLocks.Node.Auth;

/// <summary>Authenticates by token.</summary>
internal sealed class TokenAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    Authenticator authenticator,
    NodeSettings settings
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>The name of the scheme.</summary>
    public const string SchemeName = "Bearer";

    private const string Prefix = SchemeName + " ";
    private const string Unknown = "This token is not known here, or has expired.";

    /// <inheritdoc/>
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Secret(out var refusal) is not { } secret)
        {
            return Task.FromResult(refusal is null ? AuthenticateResult.NoResult() : AuthenticateResult.Fail(refusal));
        }

        if (authenticator.Find(secret) is not { } caller)
        {
            return Task.FromResult(AuthenticateResult.Fail(Unknown));
        }

        Context.Features.Set(caller);
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, caller.Name)], SchemeName);
        return Task.FromResult(
            AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName))
        );
    }

    /// <inheritdoc/>
    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var failure = (await HandleAuthenticateOnceSafeAsync()).Failure?.Message;
        Response.Headers.WWWAuthenticate = SchemeName;
        await Responses.TextAsync(
            Context,
            StatusCodes.Status401Unauthorized,
            failure ?? "This needs a token: Authorization: Bearer TOKEN (raftlocks auth token create)."
        );
    }

    /// <inheritdoc/>
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Responses.TextAsync(
            Context,
            StatusCodes.Status403Forbidden,
            $"'{authenticator.Of(Context).Name}' may not do this: a policy must allow it (raftlocks auth policy "
                + "create)."
        );

    private string? Secret(out string? refusal)
    {
        refusal = null;
        var header = Request.Headers.Authorization.ToString();
        if (header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return header[Prefix.Length..].Trim();
        }

        if (header.Length > 0)
        {
            refusal = "The header Authorization is not understood: send Authorization: Bearer TOKEN.";
            return null;
        }

        if (Request.Headers.SecWebSocketProtocol is { Count: > 0 } offered && OfProtocols(offered) is { } said)
        {
            return said;
        }

        var query = Request.Query[QueryParameters.AccessToken].ToString();
        if (query.Length > 0 && !settings.AllowQueryToken)
        {
            refusal = "A token in the query is not accepted here: send it as a header, or set --allow-query-token.";
            return null;
        }

        return query.Length > 0 ? query : null;
    }

    private static string? OfProtocols(Microsoft.Extensions.Primitives.StringValues offered)
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
