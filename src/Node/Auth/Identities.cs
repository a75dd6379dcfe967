// All that a node needs to know who asks it, put together: its own tokens, JWTs, certificates, and the log of who was
// refused.
using System.Security.Cryptography.X509Certificates;
using RaftLocks.Node.Foundation;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Auth;

/// <summary>Knows who asks, in all ways.</summary>
internal sealed class Identities : IDisposable
{
    private readonly IssuerKeys? issuerKeys;
    private readonly JwtAuthentication? jwts;

    /// <summary>Reads the keys of the issuer of JWTs, where they are in a file.</summary>
    /// <param name="settings">The node's.</param>
    /// <param name="state">The tokens and policies as this node has applied them.</param>
    /// <param name="isNodes">Whether a certificate is a node's.</param>
    /// <param name="isMembers">Whether a certificate proves that the other end is a member.</param>
    /// <param name="loggers">The logs.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="WrongSettingException">A file can't be used.</exception>
    public Identities(
        NodeSettings settings,
        Func<AuthState> state,
        Func<X509Certificate2, bool> isNodes,
        Func<X509Certificate2, bool> isMembers,
        ILoggerFactory loggers,
        TimeProvider time
    )
    {
        Authenticator = new Authenticator(settings, state, time);
        Certificates = new CertificateAuthentication(settings, Authenticator, isNodes, isMembers);
        if (settings.Jwt is { } jwt)
        {
            issuerKeys = new IssuerKeys(jwt, loggers.CreateLogger("RaftLocks.Jwt"), time);
            jwts = new JwtAuthentication(jwt, issuerKeys, Authenticator);
        }

        Audit = new AuditLog(loggers.CreateLogger(AuditLog.Category));
    }

    /// <summary>Knows who is who.</summary>
    public Authenticator Authenticator { get; }

    /// <summary>Knows who has which client certificate.</summary>
    public CertificateAuthentication Certificates { get; }

    /// <summary>Where refusals and deeds are told.</summary>
    public AuditLog Audit { get; }

    /// <summary>What an operator must know; a part of a sentence, null if there is nothing.</summary>
    public string? Problem => issuerKeys?.Problem;

    /// <summary>Adds ASP.NET Core's handlers. Without the cookies, the data protection and the files of its keys that
    /// AddAuthentication brings.</summary>
    public void AddTo(IServiceCollection services)
    {
        services.AddSingleton(Authenticator);
        services.AddSingleton(Certificates);
        services.AddWebEncoders();
        services.AddTransient<TokenAuthenticationHandler>();
        services.AddAuthenticationCore(schemes =>
            schemes.AddScheme<TokenAuthenticationHandler>(TokenAuthenticationHandler.SchemeName, displayName: null)
        );
        jwts?.AddTo(services);
    }

    /// <summary>Keeps what comes from elsewhere new.</summary>
    public Task RunAsync(CancellationToken token) => issuerKeys?.RunAsync(token) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
        Audit.Dispose();
        issuerKeys?.Dispose();
    }
}
