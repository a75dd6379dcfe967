// How soon a lost leader is replaced. Three properties of the library cost most of that time: a new leader's first
// exchange with a follower fails, as the follower lacks the entry before, and is repeated with the next heartbeat only;
// of two followers that time out at nearly the same moment each votes for itself, so that neither wins; and whoever was
// refused waits for a whole timeout before it asks again.
namespace RaftLocks.Node.Raft;

/// <content>Elections.</content>
public sealed partial class RaftNode
{
    private const int HeartbeatsPerLease = 2;

    // A member uses only the beginning of its range of timeouts. The rest separates it from the next member, whose
    // first pre-vote is slow in a young process.
    private const int SharesOfRange = 10;
    private static readonly TimeSpan FirstEntryRetryInterval = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// This node's election timeouts. One that starts for the first time knows its fellow members by its settings only.
    /// </summary>
    internal (int LowMs, int HighMs) ElectionTimeoutRange =>
        ElectionTimeoutRangeOf(
            options.Name,
            (Members.Count > 0 ? Members : options.Members).Select(member => member.Name),
            options.ElectionTimeoutLowMs,
            options.ElectionTimeoutHighMs
        );

    /// <summary>Each member draws its election timeout from a range of its own, with wide gaps between the ranges. No
    /// timeout is shorter than the lowest, on which the lease relies: who has voted for a new leader has not heard the
    /// old one for longer than its lease. The first to time out is refused by who has not yet, and asks again after a
    /// second timeout. That must come when the last one's ballot is over, or it breaks it; and soon after, for it is
    /// the first whose log may be longer, and then nobody else can win. So the ranges of three lie close together.
    /// </summary>
    internal static (int LowMs, int HighMs) ElectionTimeoutRangeOf(
        string name,
        IEnumerable<string> members,
        int lowMs,
        int highMs
    )
    {
        var names = members.Append(name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var widthMs = (highMs - lowMs) / names.Count;
        var fromMs = lowMs + (names.IndexOf(name) * widthMs);
        return (fromMs, fromMs + (widthMs / SharesOfRange));
    }

    /// <summary>
    /// Just elected, it replicates again and again until the first entry of its term is committed, instead of once a
    /// heartbeat.
    /// </summary>
    private async Task CommitFirstEntryAsync()
    {
        var since = time.GetTimestamp();
        try
        {
            while (
                Leader?.Name == options.Name
                && cluster.LeadershipToken.IsCancellationRequested
                && time.GetElapsedTime(since).TotalMilliseconds < options.ElectionTimeoutHighMs
            )
            {
                // A round lasts as long as its slowest member, which may be frozen: the next does not wait for it.
                var round = cluster.ForceReplicationAsync(stopping.Token).AsTask();
                await Task.WhenAny(round, Task.Delay(FirstEntryRetryInterval, time, stopping.Token));
                await Task.Delay(FirstEntryRetryInterval, time, stopping.Token);
            }
        }
        catch (Exception e)
            when (e is OperationCanceledException or InvalidOperationException or ObjectDisposedException)
        {
            // Not the leader any more, or stopping.
        }
    }
}
