// From a secret to a caller, by the tokens that this node has applied.
using System.Security.Cryptography;
using System.Text;
using RaftLocks.Node.Foundation;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Auth;

/// <summary>Knows who is who.</summary>
/// <param name="settings">The node's.</param>
/// <param name="state">The tokens and policies as this node has applied them; called very often.</param>
/// <param name="time">The clock; tokens expire by it.</param>
internal sealed class Authenticator(NodeSettings settings, Func<AuthState> state, TimeProvider time)
{
    /// <summary>The principal of whoever knows the node's own admin token.</summary>
    public const string AdminTokenName = "admin-token";

    private Caller? anonymous;

    /// <summary>The tokens and policies in force.</summary>
    public AuthState State => state();

    /// <summary>Whether anybody is asked for rights.</summary>
    public bool IsOn => Asks(State);

    /// <summary>The time, ms since 1970.</summary>
    public long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Whoever says nothing.</summary>
    public Caller Anonymous => anonymous ??= new Caller(this);

    /// <summary>Whether rights are asked for in a state. A setting asks for them before there are any.</summary>
    public bool Asks(AuthState current) => current.IsOn || settings.RequiresAuth;

    /// <summary>Who makes a request.</summary>
    public Caller Of(HttpContext context) => context.Features.Get<Caller>() ?? Anonymous;

    /// <summary>Who it is that somebody else has proven.</summary>
    public Caller Of(ProvenIdentity proven) => new(this, proven);

    /// <summary>The reader that a request counts for: a principal, or an address.</summary>
    public string ReaderOf(HttpContext context) =>
        Of(context) is { IsAnonymous: false } caller ? $"principal {caller.Name}" : AuditLog.Peer(context);

    /// <summary>Who knows a secret; null if nobody does, or not any more.</summary>
    public Caller? Find(string secret)
    {
        if (settings.AdminToken is { } own && IsSame(secret, own))
        {
            return new Caller(this, AdminTokenName);
        }

        var current = State;
        if (!current.IsOn || secret.Length > Limits.MaxTokenSecretChars)
        {
            return null;
        }

        var hash = current.HashOf(Encoding.UTF8.GetBytes(secret));
        return current.FindToken(hash, NowMs) is { } token ? new Caller(this, token, hash) : null;
    }

    private static bool IsSame(string said, string token) =>
        CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(said)),
            SHA256.HashData(Encoding.UTF8.GetBytes(token))
        );
}
