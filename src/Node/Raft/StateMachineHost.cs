// The state machine behind its lock: applies the bytes of entries, and passes what came of them to the commands of the
// batch, the listener and the observer.
using System.Diagnostics;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft.Files;
using RaftLocks.Node.Raft.Storage;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Raft;

/// <summary>The state as this node has applied it.</summary>
internal sealed class StateMachineHost : IReplicatedState
{
    private readonly OrderedLock gate = new(LockRank.State);
    private readonly EventList events = new();
    private readonly IApplyObserver? observer;
    private readonly RaftMetrics? metrics;
    private readonly Action<string, Exception?>? fatal;
    private readonly RecentDigestHistory recent = new();
    private LockStateMachine machine;
    private volatile AuthState auth;
    private Func<LockStateMachine>? replacement;
    private ILeadershipListener? listener;
    private Leadership? leadership;

    /// <summary>Starts with a state.</summary>
    /// <param name="machine">The state.</param>
    /// <param name="observer">Hears of each change.</param>
    /// <param name="metrics">Counts.</param>
    /// <param name="fatal">Told when a committed entry can't be applied.</param>
    public StateMachineHost(
        LockStateMachine machine,
        IApplyObserver? observer = null,
        RaftMetrics? metrics = null,
        Action<string, Exception?>? fatal = null
    )
    {
        this.machine = machine;
        auth = machine.Auth;
        this.observer = observer;
        this.metrics = metrics;
        this.fatal = fatal;
        observer?.OnRestored(machine);
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
        using (gate.Enter())
        {
            return read(Machine);
        }
    }

    /// <summary>
    /// The tokens and policies as they were applied last, read without waiting. Those of a state that was taken over as
    /// a whole show when anything else of it is read, within a second.
    /// </summary>
    public AuthState Auth => auth;

    /// <summary>The digests of the last entries that were applied one by one, oldest first.</summary>
    public DigestPoint[] RecentDigests
    {
        get
        {
            using (gate.Enter())
            {
                return recent.ToArray();
            }
        }
    }

    /// <summary>From here on events go to the listener, which knows all live requests before the first.</summary>
    public int Begin(Leadership gained, ILeadershipListener to)
    {
        using (gate.Enter())
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
        using (gate.Enter())
        {
            if (leadership == lost)
            {
                listener!.OnLost(lost);
                (leadership, listener) = (null, null);
            }
        }
    }

    /// <inheritdoc/>
    public void Apply(long index, RaftEntry entry, object? context)
    {
        if (entry.IsConfiguration || entry.Content.IsEmpty)
        {
            ApplyEmpty(index, entry.Term);
            return;
        }

        var bytes = entry.Content.Span;
        var outcome = Apply(bytes, index, entry.Term, context as ProposedBatch);
        if (outcome != ApplyOutcome.Applied)
        {
            var reason = $"The committed entry {index} can't be applied ({outcome}).";
            var newer = Versions.OfEntry(bytes) is { IsNewer: true } needs
                ? new NewerDataException($"The committed entry {index}", needs.Describe(EntryFormat.Version))
                : null;
            fatal?.Invoke(reason, newer);
            throw newer as Exception ?? new InvalidDataException(reason);
        }
    }

    /// <summary>Passes over an entry of Raft's own.</summary>
    public void ApplyEmpty(long index, long term)
    {
        using (gate.Enter())
        {
            if (index > Machine.AppliedIndex)
            {
                machine.ApplyEmpty(index, term);
                recent.Add(machine);
            }
        }
    }

    /// <summary>Applies a committed entry. Unless it could be, nothing has changed, and the node must stop.</summary>
    /// <param name="bytes">The entry.</param>
    /// <param name="index">Its index.</param>
    /// <param name="term">Its term.</param>
    /// <param name="context"> Whatever was appended here at that index: found by index alone, it may be of another
    /// entry, overwritten since. The id inside the entry decides. </param>
    public ApplyOutcome Apply(ReadOnlySpan<byte> bytes, long index, long term, ProposedBatch? context)
    {
        using (gate.Enter())
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

            auth = machine.Auth;
            recent.Add(machine);
            observer?.OnApplied(machine, events);
            if (leadership is not null)
            {
                leadership.FeatureLevel = machine.FeatureLevel;
            }

            var batch =
                EntryFormat.TryReadBatchId(bytes, out var id) && context?.Id == id && context.TryComplete()
                    ? context
                    : null;
            var acquiredTo = leadership?.Term == term ? listener : null;
            metrics?.Applied(startedAt, events, leads: acquiredTo is not null);
            Deliver(batch, acquiredTo);
            return outcome;
        }
    }

    /// <summary>Takes over a state as a whole, which is made when it is next needed.</summary>
    public void Replace(Func<LockStateMachine> restore)
    {
        using (gate.Enter())
        {
            replacement = restore;
            recent.Clear();
        }
    }

    // Each command of the batch gets its reply, and the listener each request that is acquired by another's command, in
    // the order of the log.
    private void Deliver(ProposedBatch? batch, ILeadershipListener? acquiredTo)
    {
        for (var i = 0; i < events.Count; i++)
        {
            ref readonly var happened = ref events[i];
            if (happened.IsReply)
            {
                batch?.Commands[happened.Ordinal].OnApplied(happened);
            }
            else
            {
                acquiredTo?.OnAcquired(happened.Request!);
            }
        }
    }

    private void TakeReplacement()
    {
        // If that fails there is no state, and whoever looks for one fails again.
        var restore = replacement!;

        // Two states of a million locks are more than a node should need memory for: the old one goes first.
        machine = new LockStateMachine();
        machine = restore();
        replacement = null;
        auth = machine.Auth;
        observer?.OnRestored(machine);
        metrics?.Restored(machine);
    }
}

/// <summary>
/// Called for each change of the state, in order, while the state stands still: whoever implements this is quick, and
/// never throws.
/// </summary>
internal interface IApplyObserver
{
    /// <summary>The state was read from a snapshot, at the start or from the leader; or it is empty.</summary>
    void OnRestored(LockStateMachine machine);

    /// <summary>Counts an entry that was applied.</summary>
    void OnApplied(LockStateMachine machine, EventList events);

    /// <summary>
    /// The log will be compacted behind what was applied up to now; completes when the observer has made it durable, or
    /// has given up.
    /// </summary>
    Task OnCompactingAsync();
}
