// JWTs, checked by ASP.NET Core's own handler: signature, issuer, audience and time. What a JWT proves is a name and
// groups; bindings say which policies these have.
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;
using RaftLocks.Api;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Auth;

/// <summary>Authenticates by JWT.</summary>
/// <param name="settings">Which JWTs count.</param>
/// <param name="keys">The issuer's keys.</param>
/// <param name="authenticator">Has the clock.</param>
internal sealed class JwtAuthentication(JwtSettings settings, IssuerKeys keys, Authenticator authenticator)
{
    private const string SchemeName = "Jwt";

    // With public keys only. So nobody signs with the public key as if it were a common secret, or with nothing.
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256,
        SecurityAlgorithms.RsaSha384,
        SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256,
        SecurityAlgorithms.RsaSsaPssSha384,
        SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256,
        SecurityAlgorithms.EcdsaSha384,
        SecurityAlgorithms.EcdsaSha512,
    ];

    /// <summary>Whether a secret looks like a signed JWT: three parts.</summary>
    public static bool Fits(string secret) => secret.AsSpan().Count('.') == 2;

    /// <summary>Adds ASP.NET Core's handler.</summary>
    public void AddTo(IServiceCollection services)
    {
        services.AddSingleton(this);
        services.AddTransient<JwtBearerHandler>();
        services.AddOptions<JwtBearerOptions>(SchemeName).Configure(Configure);
        services.AddAuthenticationCore(schemes => schemes.AddScheme<JwtBearerHandler>(SchemeName, displayName: null));
    }

    /// <summary>Who shows a JWT; null, and what is wrong with it.</summary>
    public async Task<(Caller? Caller, string? Refusal)> FindAsync(HttpContext context, string jwt)
    {
        if (jwt.Length > Limits.MaxJwtChars)
        {
            return (null, $"This JWT has more than {Limits.MaxJwtChars} characters.");
        }

        if (keys.IsEmpty)
        {
            return (null, "This node does not know the keys of the JWTs' issuer yet: try again soon.");
        }

        context.Features.Set(new Shown(jwt));
        var result = await context.AuthenticateAsync(SchemeName);
        return result is { Principal: { } user, Properties.ExpiresUtc: { } expiresAt }
            ? Read(user, expiresAt)
            : (null, Problem(result.Failure));
    }

    private static string Problem(Exception? failure) =>
        failure switch
        {
            SecurityTokenExpiredException => "This JWT has expired.",
            SecurityTokenNotYetValidException => "This JWT is not valid yet: compare the clocks.",
            SecurityTokenNoExpirationException => "This JWT never expires (it has no 'exp'): it is not accepted.",
            SecurityTokenInvalidIssuerException => "This JWT is from another issuer than --jwt-issuer.",
            SecurityTokenInvalidAudienceException => "This JWT is for another audience than --jwt-audience.",
            SecurityTokenSignatureKeyNotFoundException =>
                "This JWT is signed with a key that its issuer does not have, or has had for some seconds only.",
            SecurityTokenInvalidSignatureException or SecurityTokenInvalidAlgorithmException =>
                "This JWT is not signed by its issuer.",
            _ => "This is no JWT that can be read.",
        };

    private (Caller? Caller, string? Refusal) Read(ClaimsPrincipal user, DateTimeOffset expiresAt)
    {
        var names = user.FindAll(settings.NameClaim).Where(IsText).Select(claim => claim.Value).Take(2).ToList();
        if (names is not [{ Length: > 0 } said] || BoundNames.Of(BoundNames.OfJwt, said) is not { } name)
        {
            return (null, $"This JWT has no name: its '{settings.NameClaim}' must be one text (--jwt-name).");
        }

        if (name.Length > StateMachine.Limits.MaxAuthNameBytes)
        {
            return (null, $"The name in this JWT is longer than {StateMachine.Limits.MaxAuthNameBytes} characters.");
        }

        var groups = user.FindAll(settings.GroupsClaim)
            .Where(IsText)
            .Select(claim => BoundNames.Of(BoundNames.OfGroup, claim.Value))
            .OfType<string>()
            .Where(group => group.Length <= StateMachine.Limits.MaxAuthNameBytes)
            .Distinct(StringComparer.Ordinal)
            .Take(Limits.MaxJwtGroups + 1)
            .ToList();
        if (groups.Count > Limits.MaxJwtGroups)
        {
            return (null, $"This JWT names more than {Limits.MaxJwtGroups} groups: let the issuer name fewer.");
        }

        var untilMs = expiresAt.ToUnixTimeMilliseconds() + Limits.JwtClockSkewMs;
        return (authenticator.Of(new ProvenIdentity(name, groups, untilMs)), null);
    }

    private static bool IsText(Claim claim) => claim.ValueType == ClaimValueTypes.String;

    private void Configure(JwtBearerOptions options)
    {
        options.ConfigurationManager = keys;
        options.MapInboundClaims = false;
        options.SaveToken = false;
        options.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = settings.Issuer,
            ValidAudiences = settings.Audiences,
            ValidAlgorithms = Algorithms,
            LifetimeValidator = (from, until, _, _) => IsInTime(from, until),
        };
        options.Events = new JwtBearerEvents
        {
            OnMessageReceived = message =>
            {
                message.Token = message.HttpContext.Features.Get<Shown>()?.Jwt;
                return Task.CompletedTask;
            },
        };
    }

    // By the clock by which tokens expire, and which connections that are open go by too.
    private bool IsInTime(DateTime? from, DateTime? until)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(authenticator.NowMs).UtcDateTime;
        var skew = TimeSpan.FromMilliseconds(Limits.JwtClockSkewMs);
        return until is null ? throw new SecurityTokenNoExpirationException()
            : now - skew >= until ? throw new SecurityTokenExpiredException()
            : from is not null && now + skew < from ? throw new SecurityTokenNotYetValidException()
            : true;
    }

    private sealed record Shown(string Jwt);
}
