// Between the library's log and our state machine: hands over committed entries, tells the waiters of a batch and the listener what
// came of them, and takes snapshots by bytes applied without holding up what follows.
using System.Buffers;
using System.Diagnostics;
using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Raft;

internal sealed class ReplicatedLocks : IStateMachine
{
    private readonly Lock gate = new();
    private readonly SnapshotStore store;
    private readonly EventList events = new();
    private readonly uint hashSeed;
    private readonly long snapshotEveryBytes;
    private readonly ILogger logger;
    private readonly Action<string, Exception?> fatal;
    private readonly IStateFollower? follower;
    private LockStateMachine machine;
    private volatile SnapshotFile? snapshot;
    private long bytesSinceSnapshot;
    private Task snapshotting = Task.CompletedTask;
    private ILeadershipListener? listener;
    private Leadership? leadership;

    public ReplicatedLocks(SnapshotStore store, RaftNodeOptions options, ILogger logger, Action<string, Exception?> fatal)
    {
        this.store = store;
        this.logger = logger;
        this.fatal = fatal;
        snapshotEveryBytes = options.SnapshotEveryBytes;
        hashSeed = (uint)Random.Shared.Next();
        (snapshot, machine) = store.Load(hashSeed);
        follower = options.Follower;
        follower?.OnRestored(machine);
    }

    public ISnapshot? Snapshot => snapshot;

    /// <summary>Reads the state while it stands still. Keep it short.</summary>
    public T Read<T>(Func<LockStateMachine, T> read)
    {
        lock (gate)
        {
            return read(machine);
        }
    }

    /// <summary>From here on events go to the listener, which knows all live requests before the first.</summary>
    public int Begin(Leadership gained, ILeadershipListener to)
    {
        lock (gate)
        {
            var live = machine.LiveRequests;
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

    public async ValueTask<long> ApplyAsync(LogEntry entry, CancellationToken token)
    {
        if (entry.IsSnapshot)
        {
            return Install(await entry.ToByteArrayAsync(token: token));
        }

        if (!entry.TryGetPayload(out var payload) || payload.IsEmpty || entry.IsConfiguration)
        {
            lock (gate)
            {
                machine.ApplyEmpty(entry.Index, entry.Term);
            }
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
        lock (gate)
        {
            var outcome = machine.Apply(bytes, index, term, events);
            if (outcome != ApplyOutcome.Applied)
            {
                var reason = $"The committed entry {index} can't be applied ({outcome})."
                    + (outcome == ApplyOutcome.Damaged ? "" : " It was written by a newer version of RaftLocks: upgrade this node.");
                fatal(reason, null);
                throw new InvalidDataException(reason);
            }

            follower?.OnApplied(machine, events);

            if (leadership is not null)
            {
                leadership.FeatureLevel = machine.FeatureLevel;
            }

            // The context is found by index alone: it may be that of another entry, overwritten since. The id inside the entry decides.
            var batch = EntryFormat.TryReadBatchId(bytes, out var id) && context?.Id == id && context.TrySettle() ? context : null;
            var grantsTo = leadership?.Term == term ? listener : null;
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
        }
    }

    private long Install(byte[] bytes)
    {
        var (file, restored) = store.Install(bytes, hashSeed);
        lock (gate)
        {
            machine = restored;
            snapshot = file;
            bytesSinceSnapshot = 0;
            follower?.OnRestored(machine);
        }

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
        FrozenState frozen;
        lock (gate)
        {
            frozen = machine.Freeze();
        }

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
            lock (gate)
            {
                // One that was installed meanwhile is newer.
                snapshot = snapshot is { } known && known.Index > file.Index ? known : file;
            }

            Log.SnapshotTaken(logger, file.Index, file.Length ?? 0, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.SnapshotFailed(logger, e.Message, e);
        }
    }
}
