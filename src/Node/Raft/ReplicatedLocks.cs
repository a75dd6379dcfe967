// Between the library's log and our state: hands over committed entries, and takes snapshots by bytes applied without holding up what follows.
using System.Buffers;
using System.Diagnostics;
using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Raft;

internal sealed class ReplicatedLocks : IStateMachine
{
    private readonly SnapshotStore store;
    private readonly uint hashSeed;
    private readonly long snapshotEveryBytes;
    private readonly ILogger logger;
    private readonly Action<string, Exception?> fatal;
    private readonly IStateFollower? follower;
    private readonly RaftMetrics? metrics;
    private volatile SnapshotFile? snapshot;
    private long bytesSinceSnapshot;
    private Task snapshotting = Task.CompletedTask;

    public ReplicatedLocks(SnapshotStore store, RaftNodeOptions options, ILogger logger, Action<string, Exception?> fatal)
    {
        this.store = store;
        this.logger = logger;
        this.fatal = fatal;
        snapshotEveryBytes = options.SnapshotEveryBytes;
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

    public ISnapshot? Snapshot => snapshot;

    public async ValueTask<long> ApplyAsync(LogEntry entry, CancellationToken token)
    {
        if (entry.IsSnapshot)
        {
            return Install(await entry.ToByteArrayAsync(token: token));
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

        TakeSnapshotIfDue(payload.Length);
        return entry.Index;
    }

    public ValueTask ReclaimGarbageAsync(long watermark, CancellationToken token)
    {
        store.DeleteOlderThan(watermark);
        return ValueTask.CompletedTask;
    }

    /// <summary>Waits for a snapshot that is being written.</summary>
    public Task FinishSnapshotAsync() => snapshotting;

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

    private long Install(byte[] bytes)
    {
        var (file, restored) = store.Install(bytes, hashSeed);
        Applied.Replace(restored);
        lock (store)
        {
            snapshot = file;
        }

        metrics?.Snapshot(bytes.Length, TimeSpan.Zero);
        bytesSinceSnapshot = 0;
        return file.Index;
    }

    private void TakeSnapshotIfDue(long appliedBytes)
    {
        bytesSinceSnapshot += appliedBytes;
        if (bytesSinceSnapshot < snapshotEveryBytes || !snapshotting.IsCompleted)
        {
            return;
        }

        bytesSinceSnapshot = 0;
        var frozen = Applied.Read(static machine => machine.Freeze());
        snapshotting = Task.Run(() => SaveAsync(frozen));
    }

    private async Task SaveAsync(FrozenState frozen)
    {
        if (follower is not null)
        {
            // The log is cut off behind the snapshot: whoever lives off it takes what is there first.
            await follower.OnCompactingAsync();
        }

        var started = Stopwatch.GetTimestamp();
        try
        {
            var file = store.Save(frozen);
            lock (store)
            {
                // One that was installed meanwhile is newer.
                snapshot = snapshot is { } known && known.Index > file.Index ? known : file;
            }

            metrics?.Snapshot(file.Length ?? 0, Stopwatch.GetElapsedTime(started));
            Log.SnapshotTaken(logger, file.Index, file.Length ?? 0, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            metrics?.SnapshotFailed();
            Log.SnapshotFailed(logger, e.Message, e);
        }
    }
}
