// Where a setting asks for it, a lock whose principal has no right to it any more is revoked. The leader looks when
// tokens or policies have changed, when it begins to lead, and now and then, because tokens expire.
using System.Text;
using RaftLocks.Api;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Sessions.Scheduling;

/// <summary>Runs on every node; acts on the leader.</summary>
/// <param name="node">The node.</param>
/// <param name="registry">The sessions, while this node leads.</param>
/// <param name="authenticator">Has the clock by which tokens expire.</param>
/// <param name="time">The clock that is waited by.</param>
internal sealed class RightsWatch(
    RaftNode node,
    SessionRegistry registry,
    Authenticator authenticator,
    TimeProvider time
)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(Limits.RightsWatchMs);
    private static readonly byte[] Reason = [.. "its holder has no right to it any more"u8];

    private AuthState? seen;
    private LeaderSessions? seenOf;
    private long looksAt;

    /// <summary>Looks until the process ends.</summary>
    public async Task RunAsync(CancellationToken token)
    {
        while (!token.IsCancellationRequested)
        {
            await Task.Delay(LookAgain, time, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (registry.Current is { } sessions && node.Auth is { IsOn: true } auth && IsDue(sessions, auth))
            {
                Look(sessions, auth);
            }
        }
    }

    private bool IsDue(LeaderSessions sessions, AuthState auth)
    {
        var now = time.GetTimestamp();
        if (
            auth == seen
            && sessions == seenOf
            && time.GetElapsedTime(looksAt, now) < TimeSpan.FromMilliseconds(Limits.ExpiryWatchMs)
        )
        {
            return false;
        }

        (seen, seenOf, looksAt) = (auth, sessions, now);
        return true;
    }

    private void Look(LeaderSessions sessions, AuthState auth)
    {
        var now = authenticator.NowMs;
        var known = new Dictionary<string, Rights>(StringComparer.Ordinal);
        foreach (var request in node.Read(static state => state.LiveRequests))
        {
            var name = Encoding.UTF8.GetString(request.Principal.Span);
            if (!known.TryGetValue(name, out var rights))
            {
                known[name] = rights = RightsOf(auth, name, now);
            }

            // What a JWT or a certificate says besides the name, its groups and its end, only the connection knows.
            if (BoundNames.IsBound(name) && sessions.CallerOf(request) is { Proven: not null } caller)
            {
                rights = caller.Rights;
            }

            if (ReferenceEquals(rights, Rights.All) || rights.AllowsLock(request.Namespace.Span, request.Resources))
            {
                continue;
            }

            var order = new RevokeOrder(request.Namespace, request.Id, Reason, GraceMs: 0);
            if (sessions.Revocations.Begin(order, Find) is null)
            {
                // As many are on their way as may be: the rest is for the next look.
                seen = null;
                return;
            }
        }
    }

    // Whoever had a JWT and is not connected keeps the lock until it is abandoned: its groups are not known.
    private static Rights RightsOf(AuthState auth, string principal, long nowMs) =>
        principal switch
        {
            "" => auth.Anonymous,
            Authenticator.AdminTokenName => Rights.All,
            _ when principal.StartsWith(BoundNames.OfJwt, StringComparison.Ordinal) => Rights.All,
            _ when BoundNames.IsBound(principal) => BoundRights.Of(auth, [principal], nowMs).Rights,
            _ when auth.FindToken(Encoding.UTF8.GetBytes(principal)) is { } token
                    && (token.ExpiresAtMs == 0 || nowMs < token.ExpiresAtMs) => auth.RightsOf(token),
            _ => Rights.None,
        };

    private FoundRequest Find(RevokeOrder order) =>
        node.Read(state => FoundRequest.Of(state.FindRequest(order.Namespace.Span, order.Id)));
}
