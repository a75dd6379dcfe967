// Between the library's log and our state: hands over committed entries. (Snapshots: ReplicatedLocks.Snapshots.cs.)
using System.Buffers;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Raft;

internal sealed partial class ReplicatedLocks : IStateMachine
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

    public async ValueTask<long> ApplyAsync(LogEntry entry, CancellationToken token)
    {
        if (entry.IsSnapshot)
        {
            return await InstallAsync(entry, token);
        }

        if (!entry.TryGetPayload(out var payload) || payload.IsEmpty || entry.IsConfiguration)
        {
            Applied.ApplyEmpty(entry.Index, entry.Term);
        }
        else if (payload.IsSingleSegment)
        {
            Apply(payload.FirstSpan, entry.Index, entry.Term, entry.Context as ProposedBatch);
        }
        else
        {
            var copy = ArrayPool<byte>.Shared.Rent((int)payload.Length);
            payload.CopyTo(copy);
            Apply(copy.AsSpan(0, (int)payload.Length), entry.Index, entry.Term, entry.Context as ProposedBatch);
            ArrayPool<byte>.Shared.Return(copy);
        }

        await TakeSnapshotIfDueAsync(payload.Length);

        // The library may have missed that a snapshot was installed, and ask for what is behind it; it goes on behind what it is told.
        return Math.Max(entry.Index, snapshot?.Index ?? 0);
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
