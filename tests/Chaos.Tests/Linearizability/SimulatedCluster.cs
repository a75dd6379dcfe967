// A server that keeps the one rule, written as plainly as can be and apart from the checker's model, and clients that
// talk to it through slow lines that break. Time is simulated. What the clients write down is a history that is
// linearizable, unless a bug was planted in the server.
using RaftLocks.Chaos.Checkers.Linearizability;
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Tests.Linearizability;

/// <summary>What may be wrong with the server.</summary>
public enum Bug
{
    None,
    IgnoresTheQueue,
    SkipsWaiters,
    ReusesIds,
    ForgetsReleases,
    LosesGrants,
    RefusesTries,
    DowngradesTooFar,
    StaleFence,
    StaleLocks,
    StaleExplain,
}

/// <summary>A live request on the server.</summary>
internal sealed class ServerLock(ulong id, IReadOnlyList<Resource> resources)
{
    public ulong Id => id;

    public IReadOnlyList<Resource> Resources { get; set; } = resources;

    public bool IsAcquired { get; set; }

    public Action<double>? WhenAcquired { get; set; }

    public ServerLock Copy() => new(Id, Resources) { IsAcquired = IsAcquired };
}

/// <summary>The server: each call takes effect at once.</summary>
internal sealed class SimulatedServer(Bug bug, Random random)
{
    private const int BugEach = 12;
    private List<ServerLock> live = [];

    public ulong Counter { get; private set; }

    public bool IsBuggyNow() => random.Next(BugEach) == 0;

    public bool WouldWait(IReadOnlyList<Resource> resources) => live.Any(other => Conflict(other.Resources, resources));

    public ServerLock Enter(IReadOnlyList<Resource> resources, double now)
    {
        Counter += bug == Bug.ReusesIds && Counter > 0 && IsBuggyNow() ? 0u : 1u;
        var entered = new ServerLock(Counter, resources);
        live.Add(entered);
        entered.IsAcquired = bug == Bug.IgnoresTheQueue && IsBuggyNow();
        Settle(now);
        return entered;
    }

    public bool Refuses(IReadOnlyList<Resource> resources) =>
        WouldWait(resources) || (bug == Bug.RefusesTries && IsBuggyNow());

    public bool Leave(ServerLock leaving, double now)
    {
        var was = live.Remove(leaving);
        Settle(now);
        return was;
    }

    public void Release(ServerLock leaving, double now)
    {
        if (bug != Bug.ForgetsReleases || !IsBuggyNow())
        {
            Leave(leaving, now);
        }
    }

    public void Downgrade(ServerLock holder, double now)
    {
        holder.Resources =
            bug == Bug.DowngradesTooFar && IsBuggyNow()
                ? []
                : [.. holder.Resources.Select(resource => resource with { Write = false })];
        Settle(now);
    }

    public bool IsLive(ServerLock one) => live.Contains(one);

    public List<ServerLock> State() => [.. live.Select(one => one.Copy())];

    public static bool Conflict(IReadOnlyList<Resource> some, IReadOnlyList<Resource> others) =>
        some.Any(one => others.Any(one.ConflictsWith));

    private void Settle(double now)
    {
        for (var i = 0; i < live.Count; i++)
        {
            var one = live[i];
            var isFree = !live.Take(i).Any(older => Conflict(older.Resources, one.Resources));
            if (
                !one.IsAcquired
                && (
                    isFree
                    || (
                        bug == Bug.SkipsWaiters
                        && IsBuggyNow()
                        && !live.Take(i).Any(older => older.IsAcquired && Conflict(older.Resources, one.Resources))
                    )
                )
            )
            {
                one.IsAcquired = true;
                one.WhenAcquired?.Invoke(now);
                if (bug == Bug.LosesGrants && IsBuggyNow())
                {
                    live = [.. live.Where(other => other != one)];
                    i--;
                }
            }
        }
    }
}
