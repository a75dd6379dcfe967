// What one call to acquire a lock may add.
namespace RaftLocks.Client;

/// <summary>Options of one lock.</summary>
public sealed record LockOptions
{
    /// <summary>Bytes of UTF-8 that a label may have.</summary>
    public const int MaxLabelBytes = 128;

    /// <summary>
    /// How long to wait for the lock; null for as long as it takes. Zero: only if it is free at once, nobody is kept
    /// waiting.
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The name of the lock's holder, for people who look at it; null for the client's own label.</summary>
    public string? Label { get; init; }

    /// <summary>
    /// Receives the position in the queue while waiting, at most once a second; needs <see
    /// cref="RaftLocksOptions.ReportProgress"/>.
    /// </summary>
    /// <remarks>
    /// It is called on the thread pool, never twice at the same time. While it is busy, newer positions replace older
    /// ones; what it throws is logged.
    /// </remarks>
    public IProgress<LockProgress>? Progress { get; init; }

    /// <summary>
    /// Is called by the client's own thread when the lock is answered, for those who block on several locks at once.
    /// </summary>
    internal Action? Answered { get; init; }

    internal static void Check(LockOptions options)
    {
        if (
            options.Timeout is { } timeout
            && timeout != System.Threading.Timeout.InfiniteTimeSpan
            && (timeout < TimeSpan.Zero || timeout > RaftLocksOptions.LongestTimeout)
        )
        {
            throw new ArgumentOutOfRangeException(
                nameof(options),
                timeout,
                $"A timeout is zero to {RaftLocksOptions.LongestTimeout}, or infinite."
            );
        }

        if (options.Label is not null)
        {
            LockResource.CheckText(options.Label, MaxLabelBytes, "A label", nameof(options));
        }
    }
}

/// <summary>The position of a waiting request in the queue.</summary>
/// <param name="Place">1 + the older waiting requests that conflict with it directly.</param>
/// <param name="BlockerId">The oldest request that it waits for.</param>
/// <param name="BlockerLabel">The label of the blocker, if it has one.</param>
/// <param name="BlockerHolds">Whether that one holds its lock, or waits itself.</param>
/// <param name="BlockerSince">How long the blocker has held or waited.</param>
public sealed record LockProgress(
    int Place,
    ulong? BlockerId,
    string? BlockerLabel,
    bool BlockerHolds,
    TimeSpan BlockerSince
);
