// ASP.NET Core's handler for bearer tokens. A token is one of the cluster's own, or a JWT. Whoever shows none may be
// known by the certificate of the connection.
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;

namespace RaftLocks.Node.Auth;

/// <summary>Authenticates by token.</summary>
internal sealed class TokenAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    Authenticator authenticator,
    NodeSettings settings,
    CertificateAuthentication certificates,
    JwtAuthentication? jwts = null
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>The name of the scheme.</summary>
    public const string SchemeName = "Bearer";

    private const string Unknown = "This token is not known here, or has expired.";

    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (ShownSecret.Of(Request, settings, out var refusal) is not { } secret)
        {
            return refusal is null ? OfConnection() : AuthenticateResult.Fail(refusal);
        }

        if (authenticator.Find(secret) is { } caller)
        {
            return Known(caller);
        }

        if (jwts is null || !JwtAuthentication.Fits(secret))
        {
            return AuthenticateResult.Fail(Unknown);
        }

        (var proven, refusal) = await jwts.FindAsync(Context, secret);
        return proven is null ? AuthenticateResult.Fail(refusal!) : Known(proven);
    }

    /// <inheritdoc/>
    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var failure = (await HandleAuthenticateOnceSafeAsync()).Failure?.Message;
        Response.Headers.WWWAuthenticate = SchemeName;
        await Responses.TextAsync(
            Context,
            StatusCodes.Status401Unauthorized,
            failure
                ?? certificates.Hint(Context)
                ?? "This needs a token: Authorization: Bearer TOKEN (raftlocks auth token create)."
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

    private AuthenticateResult OfConnection()
    {
        var (caller, refusal) = certificates.Find(Context);
        return caller is not null ? Known(caller)
            : refusal is null ? AuthenticateResult.NoResult()
            : AuthenticateResult.Fail(refusal);
    }

    private AuthenticateResult Known(Caller caller)
    {
        Context.Features.Set(caller);
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, caller.Name)], SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }
}
