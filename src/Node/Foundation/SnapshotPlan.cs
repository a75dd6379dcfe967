// When a node saves a snapshot of the state for the operator, where to, and how many of them are kept.
namespace RaftLocks.Node.Foundation;

/// <summary>A schedule of snapshots; by an interval, or by a time of day.</summary>
/// <param name="Directory">The folder that they are saved to.</param>
/// <param name="Keep">How many of this node's are kept there.</param>
internal sealed record SnapshotPlan(string Directory, int Keep)
{
    /// <summary>The interval; null where a time of day is set.</summary>
    public TimeSpan? Every { get; init; }

    /// <summary>The time of day, UTC.</summary>
    public TimeOnly At { get; init; }

    /// <summary>When the next one is due after one that was saved at some time.</summary>
    public DateTimeOffset NextAfter(DateTimeOffset saved)
    {
        if (Every is { } every)
        {
            return saved + every;
        }

        var sameDay = new DateTimeOffset(saved.UtcDateTime.Date, TimeSpan.Zero) + At.ToTimeSpan();
        return sameDay > saved ? sameDay : sameDay.AddDays(1);
    }
}
