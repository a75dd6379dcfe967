// What one call to acquire a lock may add.
namespace RaftLocks.Client;

/// <summary>Options of one lock.</summary>
public sealed record LockOptions
{
    /// <summary>Bytes of UTF-8 that a label may have.</summary>
    public const int MaxLabelBytes = 128;

    /// <summary>How long to wait for the lock; null for as long as it takes. Zero: only if it is free at once, nobody is kept waiting.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Who holds the lock, for people who look at it; null for the client's own label.</summary>
    public string? Label { get; init; }

    /// <summary>Told of the place in line while waiting, at most once a second; needs <see cref="RaftLocksOptions.ReportProgress"/>.</summary>
    public IProgress<LockProgress>? Progress { get; init; }

    internal static void Check(LockOptions options)
    {
        if (options.Timeout is { } timeout && timeout != System.Threading.Timeout.InfiniteTimeSpan
            && (timeout < TimeSpan.Zero || timeout > RaftLocksOptions.LongestAbandonTimeout))
        {
            throw new ArgumentOutOfRangeException(nameof(options), timeout, "A timeout is zero to seven days, or infinite.");
        }

        if (options.Label is not null)
        {
            LockResource.CheckText(options.Label, MaxLabelBytes, "A label", nameof(options));
        }
    }
}

/// <summary>Where a waiting request stands.</summary>
/// <param name="Place">1 + the older waiting requests that conflict with it directly.</param>
/// <param name="BlockerId">The oldest request that it waits for.</param>
/// <param name="BlockerLabel">Who that is, if it said.</param>
/// <param name="BlockerHolds">Whether that one holds its lock, or waits itself.</param>
/// <param name="BlockerSince">For how long it has.</param>
public sealed record LockProgress(int Place, ulong? BlockerId, string? BlockerLabel, bool BlockerHolds, TimeSpan BlockerSince);
