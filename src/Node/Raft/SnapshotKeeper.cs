// Snapshots: taken by bytes applied, or when somebody asks, on another thread and without holding up what follows. What
// a snapshot on disk stands for, entries and older snapshots, is deleted here. (Those that the leader sends:
// SnapshotKeeper.Installing.cs.)
using System.Diagnostics;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft.Files;
using RaftLocks.Node.Raft.Storage;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Raft;

/// <summary>Keeps a node's snapshots, and deletes what they stand for.</summary>
internal sealed partial class SnapshotKeeper : ISnapshots, IDisposable
{
    private readonly OrderedLock gate = new(LockRank.Snapshots);
    private readonly Lock compacting = new();
    private readonly SnapshotStore store;
    private readonly StateMachineHost host;
    private readonly EntryLog entries;
    private readonly uint hashSeed;
    private readonly RaftNodeOptions options;
    private readonly ILogger logger;
    private readonly Action<string, Exception?> fatal;
    private readonly SnapshotSchedule pace;
    private volatile SnapshotFile? newest;
    private Exception? lastFailure;
    private Task restoring = Task.CompletedTask;
    private Task<SnapshotFile?> snapshotting = Task.FromResult<SnapshotFile?>(null);
    private bool isClosed;

    /// <summary>Takes over what was loaded.</summary>
    /// <param name="store">The snapshots on disk.</param>
    /// <param name="loaded">The newest of them, when the node was started.</param>
    /// <param name="host">The state.</param>
    /// <param name="entries">The log that snapshots stand for the beginning of.</param>
    /// <param name="options">How often one is taken, and how long one may take.</param>
    /// <param name="logger">The log for people.</param>
    /// <param name="fatal">Told when the node can't go on.</param>
    public SnapshotKeeper(
        SnapshotStore store,
        LoadedState loaded,
        StateMachineHost host,
        EntryLog entries,
        RaftNodeOptions options,
        ILogger logger,
        Action<string, Exception?> fatal
    )
    {
        this.store = store;
        this.host = host;
        this.entries = entries;
        this.options = options;
        this.logger = logger;
        this.fatal = fatal;
        hashSeed = loaded.HashSeed;
        newest = loaded.Snapshot;
        pace = new SnapshotSchedule(options.SnapshotEveryBytes, options.MaxBytesAheadOfSnapshot, newest?.Length ?? 0);
        if (newest is { Length: { } length })
        {
            options.Metrics?.Snapshot(length, TimeSpan.Zero);
        }
    }

    /// <inheritdoc/>
    public SnapshotFile? Newest => newest;

    /// <inheritdoc/>
    public OpenSnapshot? Open()
    {
        while (newest is { } file)
        {
            try
            {
                return file.Open();
            }
            catch (FileNotFoundException) when (newest != file)
            {
                // A newer one has taken its place.
            }
        }

        return null;
    }

    /// <summary>Waits for a snapshot that is being written, or made a state of.</summary>
    public async Task FinishAsync()
    {
        Task written,
            restored;
        using (gate.Enter())
        {
            (written, restored) = (snapshotting, restoring);
        }

        // What went wrong was told when it did.
        await written.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await restored.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>
    /// A snapshot of the state as it stands now, or later; null if nothing was applied yet, or it could not be written.
    /// </summary>
    public async Task<SnapshotFile?> TakeAsync()
    {
        Task<SnapshotFile?>? taking = null;
        while (taking is null)
        {
            Task running;
            using (gate.Enter())
            {
                var applied = host.Read(static machine => machine.AppliedIndex);
                if (applied == 0 || applied == newest?.Index)
                {
                    return newest;
                }

                // One that is being written already may be older than what was asked for.
                taking = snapshotting.IsCompleted ? Start() : null;
                running = snapshotting;
            }

            await running;
        }

        return await taking;
    }

    /// <inheritdoc/>
    public ValueTask EntryAppliedAsync(int contentBytes)
    {
        bool mayGoOn;
        using (gate.Enter())
        {
            pace.Applied(SegmentFormat.SizeOf(contentBytes));
            if (pace.IsDue && snapshotting.IsCompleted)
            {
                _ = Start();
            }

            mayGoOn = pace.MayGoOn;
        }

        // If the disk can't keep up, what follows waits, rather than let the log grow without bound.
        return mayGoOn ? ValueTask.CompletedTask : new ValueTask(WaitUntilCoveredAsync());
    }

    /// <inheritdoc/>
    public void CompactThrough(long index) => CompactThrough(index, keptBytes: 0);

    /// <summary>Nothing is deleted any more; to be called before the log is closed.</summary>
    public void Dispose()
    {
        lock (compacting)
        {
            isClosed = true;
        }
    }

    private void CompactThrough(long index, long keptBytes)
    {
        try
        {
            lock (compacting)
            {
                if (!isClosed)
                {
                    entries.CompactPrefix(index, keptBytes);
                    store.DeleteOlderThan(index);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fatal("The log could not be written: " + e.Message, e);
        }
    }

    /// <summary>
    /// Applying waits until a snapshot stands for enough of the log. A disk that takes the log but no snapshot for long
    /// is failing: another node must go on in this one's place.
    /// </summary>
    private async Task WaitUntilCoveredAsync()
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            Task<SnapshotFile?> running;
            using (gate.Enter())
            {
                if (pace.MayGoOn)
                {
                    return;
                }

                running = snapshotting.IsCompleted ? Start() : snapshotting;
            }

            if (await running is null && Stopwatch.GetElapsedTime(since).TotalMilliseconds > options.SnapshotTimeoutMs)
            {
                throw new DiskException(
                    $"No snapshot could be written for {options.SnapshotTimeoutMs / 1000.0} s, and the log has reached"
                        + $" its bound: {lastFailure?.Message}",
                    lastFailure
                );
            }

            await Task.Delay(pace.Failures == 0 ? 0 : options.SnapshotRetryMs);
        }
    }

    private Task<SnapshotFile?> Start()
    {
        pace.Begin();
        var frozen = host.Read(static machine => machine.Freeze());
        return snapshotting = Task.Run(() => SaveAsync(frozen));
    }

    private async Task<SnapshotFile?> SaveAsync(FrozenState frozen)
    {
        try
        {
            if (options.ApplyObserver is { } observer)
            {
                // The log is cut off behind the snapshot: whoever lives off it takes what is there first.
                await observer.OnCompactingAsync();
            }

            var started = Stopwatch.GetTimestamp();
            var file = store.Save(frozen);
            using (gate.Enter())
            {
                // One that was installed meanwhile is newer.
                newest = newest is { } known && known.Index > file.Index ? known : file;
                pace.Succeeded(file.Length ?? 0);
            }

            var elapsed = Stopwatch.GetElapsedTime(started);
            options.Metrics?.Snapshot(file.Length ?? 0, elapsed);
            Log.SnapshotTaken(logger, file.Index, file.Length ?? 0, (long)elapsed.TotalMilliseconds);
            CompactThrough(file.Index, options.KeptLogBytes);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            using (gate.Enter())
            {
                pace.Failed();
                lastFailure = e;
            }

            options.Metrics?.SnapshotFailed();
            Log.SnapshotFailed(logger, e.Message, e);
            return null;
        }
        catch (Exception e)
        {
            // Want of memory, or a defect: nobody waits for this task, and nobody else would tell.
            fatal("A snapshot could not be written: " + e.Message, e);
            throw;
        }
    }
}
