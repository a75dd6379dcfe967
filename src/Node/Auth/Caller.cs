// Who makes a request or holds a connection. The rights are those of the moment at which they are asked for: a token
// that is deleted, that expires or whose policies change counts differently from the next look on, on a connection that
// is open too.
using System.Text;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Auth;

/// <summary>A principal and its rights.</summary>
internal sealed class Caller
{
    private readonly Authenticator authenticator;
    private readonly byte[]? hash;
    private readonly bool mayAll;
    private readonly byte[] principal = [];
    private volatile Known? known;
    private volatile BoundRights? bound;

    /// <summary>Whoever says nothing.</summary>
    /// <param name="authenticator">Knows what is in force.</param>
    public Caller(Authenticator authenticator)
    {
        this.authenticator = authenticator;
        Name = "anonymous";
    }

    /// <summary>Whoever knows the node's own admin token.</summary>
    /// <param name="authenticator">Knows what is in force.</param>
    /// <param name="name">How it is called.</param>
    public Caller(Authenticator authenticator, string name)
    {
        this.authenticator = authenticator;
        mayAll = true;
        Name = name;
        principal = Encoding.UTF8.GetBytes(name);
    }

    /// <summary>Whoever knows the secret of a token.</summary>
    /// <param name="authenticator">Knows what is in force.</param>
    /// <param name="token">The token.</param>
    /// <param name="hash">The keyed hash of the secret.</param>
    public Caller(Authenticator authenticator, AccessToken token, byte[] hash)
    {
        this.authenticator = authenticator;
        this.hash = hash;
        Name = Encoding.UTF8.GetString(token.Name.Span);
        principal = token.Name.ToArray();
    }

    /// <summary>Whoever somebody else has proven.</summary>
    /// <param name="authenticator">Knows what is in force.</param>
    /// <param name="proven">What is proven.</param>
    public Caller(Authenticator authenticator, ProvenIdentity proven)
    {
        this.authenticator = authenticator;
        Proven = proven;
        Name = proven.Name;
        principal = Encoding.UTF8.GetBytes(proven.Name);
    }

    /// <summary>The principal's name.</summary>
    public string Name { get; }

    /// <summary>What somebody else has proven; null for whoever has a token of the cluster, or nothing.</summary>
    public ProvenIdentity? Proven { get; }

    /// <summary>Whether nobody was authenticated.</summary>
    public bool IsAnonymous => hash is null && !mayAll && Proven is null;

    /// <summary>
    /// The name as it goes into commands, UTF-8. Empty where nobody was authenticated, and while authentication is off:
    /// then nothing in the log differs from what it always was.
    /// </summary>
    public ReadOnlyMemory<byte> Principal => authenticator.State.IsOn ? principal : default(ReadOnlyMemory<byte>);

    /// <summary>What may be done now.</summary>
    public Rights Rights
    {
        get
        {
            var state = authenticator.State;
            if (!authenticator.Asks(state) || mayAll)
            {
                return Rights.All;
            }

            if (Proven is not null)
            {
                return OfProven(state, Proven);
            }

            if (hash is null)
            {
                return state.Anonymous;
            }

            var now = known;
            if (now?.State != state)
            {
                now = Known.Of(state, state.FindToken(hash, authenticator.NowMs));
                known = now;
            }

            return now.Token?.Accepts(hash, authenticator.NowMs) == true ? now.Rights : Rights.None;
        }
    }

    /// <summary>Whether something in a namespace may be locked.</summary>
    public bool MayLockIn(ReadOnlySpan<byte> @namespace) =>
        Rights.AllowsSome(Verbs.LockRead | Verbs.LockWrite, @namespace);

    /// <summary>Whether something in a namespace may be seen.</summary>
    public bool MayObserveIn(ReadOnlySpan<byte> @namespace) => Rights.AllowsSome(Verbs.Observe, @namespace);

    /// <summary>Whether all of this may be locked.</summary>
    public bool MayLock(ReadOnlySpan<byte> @namespace, ResourceSet resources) =>
        Rights is var rights && (ReferenceEquals(rights, Rights.All) || rights.AllowsLock(@namespace, resources));

    /// <summary>Whether a live request may be seen: each of its paths.</summary>
    public bool MayObserve(LockRequest request) =>
        Rights is var rights
        && (
            ReferenceEquals(rights, Rights.All)
            || rights.AllowsAll(Verbs.Observe, request.Namespace.Span, request.Resources.GetEnumerator())
        );

    private Rights OfProven(AuthState state, ProvenIdentity proven)
    {
        var nowMs = authenticator.NowMs;
        if (nowMs >= proven.UntilMs)
        {
            return Rights.None;
        }

        var now = bound;
        if (now?.State != state || nowMs >= now.UntilMs)
        {
            bound = now = BoundRights.Of(state, proven.Names, nowMs);
        }

        return now.Rights;
    }

    private sealed record Known(AuthState State, AccessToken? Token, Rights Rights)
    {
        public static Known Of(AuthState state, AccessToken? token) =>
            new(state, token, token is null ? Rights.None : state.RightsOf(token));
    }
}
