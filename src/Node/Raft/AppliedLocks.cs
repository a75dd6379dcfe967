// The state machine behind its lock: applies the bytes of entries, and tells the waiters of a batch and the listener what came of them.
using System.Diagnostics;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Raft;

/// <summary>The state as this node has applied it.</summary>
internal sealed class AppliedLocks
{
    private readonly Lock gate = new();
    private readonly EventList events = new();
    private readonly IStateFollower? follower;
    private readonly RaftMetrics? metrics;
    private LockStateMachine machine;
    private Func<LockStateMachine>? replacement;
    private ILeadershipListener? listener;
    private Leadership? leadership;

    /// <summary>Starts with a state.</summary>
    public AppliedLocks(LockStateMachine machine, IStateFollower? follower, RaftMetrics? metrics = null)
    {
        this.machine = machine;
        this.follower = follower;
        this.metrics = metrics;
        follower?.OnRestored(machine);
        metrics?.Restored(machine);
    }

    /// <summary>The state. To be asked for behind the gate only.</summary>
    private LockStateMachine Machine
    {
        get
        {
            if (replacement is not null)
            {
                TakeReplacement();
            }

            return machine;
        }
    }

    /// <summary>Reads the state while it stands still. Keep it short.</summary>
    public T Read<T>(Func<LockStateMachine, T> read)
    {
        lock (gate)
        {
            return read(Machine);
        }
    }

    /// <summary>From here on events go to the listener, which knows all live requests before the first.</summary>
    public int Begin(Leadership gained, ILeadershipListener to)
    {
        lock (gate)
        {
            var live = Machine.LiveRequests;
            gained.FeatureLevel = machine.FeatureLevel;
            to.OnGained(gained, live);
            (leadership, listener) = (gained, to);
            return live.Length;
        }
    }

    /// <summary>From here on they don't.</summary>
    public void End(Leadership lost)
    {
        lock (gate)
        {
            if (leadership == lost)
            {
                listener!.OnLost(lost);
                (leadership, listener) = (null, null);
            }
        }
    }

    /// <summary>Passes over an entry of Raft's own.</summary>
    public void ApplyEmpty(long index, long term)
    {
        lock (gate)
        {
            if (index > Machine.AppliedIndex)
            {
                machine.ApplyEmpty(index, term);
            }
        }
    }

    /// <summary>Applies a committed entry. Unless it could be, nothing has changed, and the node must stop.</summary>
    /// <param name="bytes">The entry.</param>
    /// <param name="index">Its index.</param>
    /// <param name="term">Its term.</param>
    /// <param name="context">
    /// Whatever was appended here at that index: found by index alone, it may be of another entry, overwritten since. The id inside the entry decides.
    /// </param>
    public ApplyOutcome Apply(ReadOnlySpan<byte> bytes, long index, long term, ProposedBatch? context)
    {
        lock (gate)
        {
            if (index <= Machine.AppliedIndex)
            {
                // An installed snapshot covers it.
                return ApplyOutcome.Applied;
            }

            var startedAt = metrics is null ? 0 : Stopwatch.GetTimestamp();
            var outcome = machine.Apply(bytes, index, term, events);
            if (outcome != ApplyOutcome.Applied)
            {
                return outcome;
            }

            follower?.OnApplied(machine, events);
            if (leadership is not null)
            {
                leadership.FeatureLevel = machine.FeatureLevel;
            }

            var batch = EntryFormat.TryReadBatchId(bytes, out var id) && context?.Id == id && context.TrySettle() ? context : null;
            var grantsTo = leadership?.Term == term ? listener : null;
            metrics?.Applied(startedAt, events, leads: grantsTo is not null);
            for (var i = 0; i < events.Count; i++)
            {
                ref readonly var happened = ref events[i];
                if (happened.IsReply)
                {
                    batch?.Commands[happened.Ordinal].OnApplied(happened);
                }
                else
                {
                    grantsTo?.OnGrant(happened.Request!);
                }
            }

            return outcome;
        }
    }

    /// <summary>Takes over a state as a whole, which is made when it is next needed.</summary>
    public void Replace(Func<LockStateMachine> restore)
    {
        lock (gate)
        {
            replacement = restore;
        }
    }

    private void TakeReplacement()
    {
        // If that fails there is no state, and whoever looks for one is told so again.
        var restore = replacement!;

        // Two states of a million locks are more than a node should need memory for: the old one goes first.
        machine = new LockStateMachine();
        machine = restore();
        replacement = null;
        follower?.OnRestored(machine);
        metrics?.Restored(machine);
    }
}
