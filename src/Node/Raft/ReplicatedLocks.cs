// Between the log and our state: hands over committed entries. (Snapshots: ReplicatedLocks.Snapshots.cs.)
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Raft;

internal sealed partial class ReplicatedLocks
{
    private readonly SnapshotStore store;
    private readonly uint hashSeed;
    private readonly RaftNodeOptions options;
    private readonly ILogger logger;
    private readonly Action<string, Exception?> fatal;
    private readonly IStateFollower? follower;
    private readonly RaftMetrics? metrics;

    public ReplicatedLocks(SnapshotStore store, RaftNodeOptions options, ILogger logger, Action<string, Exception?> fatal)
    {
        this.store = store;
        this.logger = logger;
        this.fatal = fatal;
        this.options = options;
        hashSeed = (uint)Random.Shared.Next();
        follower = options.Follower;
        metrics = options.Metrics;
        (snapshot, var machine) = store.Load(hashSeed);
        Applied = new AppliedLocks(machine, follower, metrics);
        if (snapshot is { Length: { } length })
        {
            metrics?.Snapshot(length, TimeSpan.Zero);
        }
    }

    /// <summary>The state.</summary>
    public AppliedLocks Applied { get; }

    /// <summary>Applies a committed entry. In order, one after the other.</summary>
    public ValueTask ApplyAsync(long index, RaftEntry entry, object? context)
    {
        if (entry.IsConfiguration || entry.Content.IsEmpty)
        {
            Applied.ApplyEmpty(index, entry.Term);
        }
        else
        {
            Apply(entry.Content.Span, index, entry.Term, context as ProposedBatch);
        }

        return TakeSnapshotIfDueAsync(entry.Content.Length);
    }

    private void Apply(ReadOnlySpan<byte> bytes, long index, long term, ProposedBatch? context)
    {
        var outcome = Applied.Apply(bytes, index, term, context);
        if (outcome != ApplyOutcome.Applied)
        {
            var reason = $"The committed entry {index} can't be applied ({outcome})."
                + (outcome == ApplyOutcome.Damaged ? "" : " It was written by a newer version of RaftLocks: upgrade this node.");
            fatal(reason, null);
            throw new InvalidDataException(reason);
        }
    }
}
