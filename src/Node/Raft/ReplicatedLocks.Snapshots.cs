// Snapshots: taken by bytes applied, or when somebody asks, on another thread and without holding up what follows; and installed when the
// leader sends one. One that arrives is checked and durable before it is acknowledged; the state is made of it when it is next needed,
// so that the leader, which waits for an answer within a bound, does not wait for that too.
using System.Diagnostics;
using DotNext.IO;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Raft;

/// <content>Snapshots.</content>
internal sealed partial class ReplicatedLocks
{
    private readonly Lock snapshotGate = new();
    private volatile SnapshotFile? snapshot;
    private long bytesSinceSnapshot;
    private Task restoring = Task.CompletedTask;
    private Task<SnapshotFile?> snapshotting = Task.FromResult<SnapshotFile?>(null);

    /// <summary>The newest.</summary>
    public SnapshotFile? Snapshot => snapshot;

    /// <summary>Told of each snapshot that this node has taken, with its index: it stands for the entries up to there.</summary>
    public Action<long>? SnapshotTaken { get; set; }

    /// <summary>The newest, readable whatever comes after it; null if there is none.</summary>
    public OpenSnapshot? OpenSnapshot()
    {
        while (snapshot is { } newest)
        {
            try
            {
                return newest.Open();
            }
            catch (FileNotFoundException) when (snapshot != newest)
            {
                // A newer one has taken its place.
            }
        }

        return null;
    }

    /// <summary>Deletes those that a newer one stands for.</summary>
    public void DeleteSnapshotsBefore(long index) => store.DeleteOlderThan(index);

    /// <summary>Waits for a snapshot that is being written, or made a state of.</summary>
    public async Task FinishSnapshotAsync()
    {
        Task written, restored;
        lock (snapshotGate)
        {
            (written, restored) = (snapshotting, restoring);
        }

        await written;
        await restored.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>A snapshot of the state as it stands now, or later; null if nothing was applied yet, or it could not be written.</summary>
    public async Task<SnapshotFile?> TakeSnapshotAsync()
    {
        Task<SnapshotFile?>? taking = null;
        while (taking is null)
        {
            Task running;
            lock (snapshotGate)
            {
                var applied = Applied.Read(static machine => machine.AppliedIndex);
                if (applied == 0 || applied == snapshot?.Index)
                {
                    return snapshot;
                }

                // One that is being written already may be older than what was asked for.
                taking = snapshotting.IsCompleted ? StartSnapshot() : null;
                running = snapshotting;
            }

            await running;
        }

        return await taking;
    }

    /// <summary>Takes in a snapshot that the leader sends.</summary>
    public async Task InstallAsync<TEntry>(TEntry sent, CancellationToken token)
        where TEntry : IDataTransferObject
    {
        var file = await store.ReceiveAsync(sent, token);
        var opened = file.Open();
        Applied.Replace(() => RestoreInstalled(opened));
        lock (snapshotGate)
        {
            snapshot = file;
            bytesSinceSnapshot = 0;
            restoring = Task.Run(() => Applied.Read(static machine => machine.AppliedIndex), CancellationToken.None);
        }

        metrics?.Snapshot(opened.Length ?? 0, TimeSpan.Zero);
    }

    private LockStateMachine RestoreInstalled(OpenSnapshot opened)
    {
        using (opened)
        {
            try
            {
                return SnapshotFormat.Restore(opened.Stream, hashSeed, out var why) ?? throw new InvalidDataException(why);
            }
            catch (Exception e)
            {
                // Whatever it is, the disk or want of memory: the log counts on the state, and there is none.
                fatal($"The snapshot at index {opened.Index}, which the leader sent, can't be restored: {e.Message}", e);
                throw;
            }
        }
    }

    private ValueTask TakeSnapshotIfDueAsync(int contentBytes)
    {
        lock (snapshotGate)
        {
            bytesSinceSnapshot += SegmentFormat.SizeOf(contentBytes);
            if (bytesSinceSnapshot >= options.SnapshotEveryBytes && snapshotting.IsCompleted)
            {
                _ = StartSnapshot();
            }

            // If the disk can't keep up, what follows waits, rather than let the log grow without bound.
            return bytesSinceSnapshot < options.MaxBytesAheadOfSnapshot ? ValueTask.CompletedTask : new ValueTask(snapshotting);
        }
    }

    private Task<SnapshotFile?> StartSnapshot()
    {
        bytesSinceSnapshot = 0;
        var frozen = Applied.Read(static machine => machine.Freeze());
        return snapshotting = Task.Run(() => SaveAsync(frozen));
    }

    private async Task<SnapshotFile?> SaveAsync(FrozenState frozen)
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
            lock (snapshotGate)
            {
                // One that was installed meanwhile is newer.
                snapshot = snapshot is { } known && known.Index > file.Index ? known : file;
            }

            metrics?.Snapshot(file.Length ?? 0, Stopwatch.GetElapsedTime(started));
            Log.SnapshotTaken(logger, file.Index, file.Length ?? 0, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            SnapshotTaken?.Invoke(file.Index);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            metrics?.SnapshotFailed();
            Log.SnapshotFailed(logger, e.Message, e);
            return null;
        }
    }
}
