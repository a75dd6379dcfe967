// Snapshots that a node saves by itself for the operator. Each node with the setting saves its own state. Without a
// leader it saves nothing: it can't know how old its state is. A failure is told in the log, by an alarm and by a
// figure, and tried again; the locks never wait for it.
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft.Storage;

namespace RaftLocks.Node.Backup;

/// <summary>Saves a snapshot whenever one is due.</summary>
/// <param name="plan">When.</param>
/// <param name="folder">Where to.</param>
/// <param name="take">Takes a snapshot of the state; null if there is none.</param>
/// <param name="hasState">Whether anything was ever applied.</param>
/// <param name="knowsLeader">Whether this node knows a leader.</param>
/// <param name="logger">The log.</param>
/// <param name="time">The clock.</param>
internal sealed partial class ScheduledSnapshots(
    SnapshotPlan plan,
    SnapshotFolder folder,
    Func<Task<OpenSnapshot?>> take,
    Func<bool> hasState,
    Func<bool> knowsLeader,
    ILogger logger,
    TimeProvider time
)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(Limits.SnapshotLookMs);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(Limits.ScheduledSnapshotRetryMs);
    private static readonly TimeSpan SaveBound = TimeSpan.FromMilliseconds(Limits.ScheduledSnapshotMs);

    private Task onDisk = Task.CompletedTask;
    private DateTimeOffset? savedAt;
    private bool hasLooked;
    private long? failedAt;
    private long? leaderlessSince;
    private volatile string? problem;
    private long failures;
    private long savedTicks;

    /// <summary>Why the last attempt failed; null if it did not.</summary>
    public string? Problem => problem;

    /// <summary>Attempts that failed.</summary>
    public long Failures => Interlocked.Read(ref failures);

    /// <summary>How old the newest saved snapshot is; null while there is none.</summary>
    public TimeSpan? Age =>
        Interlocked.Read(ref savedTicks) is > 0 and var ticks
            ? time.GetUtcNow() - new DateTimeOffset(ticks, TimeSpan.Zero)
            : null;

    /// <summary>Looks whether one is due, again and again.</summary>
    public async Task RunAsync(CancellationToken token)
    {
        while (!token.IsCancellationRequested)
        {
            if (IsToTry())
            {
                await TryAsync(token);
            }

            await Task.Delay(LookEvery, time, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool IsToTry() => failedAt is not { } failed || time.GetElapsedTime(failed) >= RetryAfter;

    private async Task TryAsync(CancellationToken token)
    {
        try
        {
            RequireIdle();
            if (!hasLooked)
            {
                Note(await OnDiskAsync(folder.NewestAt, token));
                hasLooked = true;
            }

            var now = time.GetUtcNow();
            if (IsDue(now) && IsLed() && hasState())
            {
                await SaveAsync(now, token);
            }
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or InvalidDataException or TimeoutException)
        {
            Fail(e is TimeoutException ? $"the disk of {plan.Directory} does not answer" : e.Message.TrimEnd('.'));
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // The node ends.
        }
    }

    // The first one is due at once: whoever sets the folder sees whether it works. A clock that was set back does not
    // put the next one off.
    private bool IsDue(DateTimeOffset now) =>
        savedAt is not { } saved || now >= plan.NextAfter(saved < now ? saved : now);

    // An election is no failure.
    private bool IsLed()
    {
        if (knowsLeader())
        {
            leaderlessSince = null;
            return true;
        }

        leaderlessSince ??= time.GetTimestamp();
        return time.GetElapsedTime(leaderlessSince.Value) < RetryAfter
            ? false
            : throw new IOException("this node knows no leader, and so not how old its state is");
    }

    private async Task SaveAsync(DateTimeOffset now, CancellationToken token)
    {
        var snapshot = await take() ?? throw new IOException("the disk of the data folder takes no snapshot");
        var path = await OnDiskAsync(
            () =>
            {
                using (snapshot)
                {
                    return folder.Save(snapshot, now, token);
                }
            },
            token
        );
        Note(now);
        (problem, failedAt) = (null, null);
        Saved(logger, path, snapshot.Index);
    }

    // A disk that does not answer keeps one thread, and nobody else.
    private async Task<T> OnDiskAsync<T>(Func<T> use, CancellationToken token)
    {
        var running = Task.Run(use, CancellationToken.None);
        onDisk = running;
        return await running.WaitAsync(SaveBound, time, token);
    }

    private void RequireIdle()
    {
        if (!onDisk.IsCompleted)
        {
            throw new TimeoutException();
        }
    }

    private void Note(DateTimeOffset? saved)
    {
        savedAt = saved;
        Interlocked.Exchange(ref savedTicks, saved?.UtcTicks ?? 0);
    }

    private void Fail(string why)
    {
        failedAt = time.GetTimestamp();
        problem = why;
        Interlocked.Increment(ref failures);
        NotSaved(logger, plan.Directory, why);
    }

    [LoggerMessage(700, LogLevel.Information, "The state at index {Index} is saved in {Path}")]
    private static partial void Saved(ILogger logger, string path, long index);

    [LoggerMessage(701, LogLevel.Error, "No snapshot could be saved to {Folder}, and it is tried again: {Why}")]
    private static partial void NotSaved(ILogger logger, string folder, string why);
}
