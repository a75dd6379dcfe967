// From what the leader has counted since its start to what happened each second. The figures come from /metrics, like
// those of Prometheus.
using System.Globalization;

namespace RaftLocks.Dashboard;

/// <summary>The figures of about one second.</summary>
/// <param name="At">The time.</param>
/// <param name="Grants">Locks granted in a second.</param>
/// <param name="Held">Locks held.</param>
/// <param name="Waiting">Requests waiting.</param>
/// <param name="WaitMs">How long those had waited, on average, that were acquired after a wait; null if there were
/// none.</param>
internal sealed record ChartPoint(DateTimeOffset At, double Grants, double Held, double Waiting, double? WaitMs);

/// <summary>The last points.</summary>
internal sealed class ChartFeed
{
    private readonly Queue<ChartPoint> points = new();
    private Counts? before;
    private string? counted;

    /// <summary>The points, oldest first.</summary>
    public IReadOnlyList<ChartPoint> Points => [.. points];

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        points.Clear();
        before = null;
    }

    /// <summary>
    /// Adds what a leader measures. Another leader counts on its own, so its first figures are only a start.
    /// </summary>
    public void Add(string leader, DateTimeOffset at, string? metrics)
    {
        var now = metrics is null ? null : Read(at, metrics);
        if (now is not null && before is { } last && counted == leader && at > last.At && now.Grants >= last.Grants)
        {
            var seconds = (at - last.At).TotalSeconds;
            var waits = now.Waits - last.Waits;
            points.Enqueue(
                new ChartPoint(
                    at,
                    (now.Grants - last.Grants) / seconds,
                    now.Held,
                    now.Waiting,
                    waits > 0 ? 1000 * (now.WaitSeconds - last.WaitSeconds) / waits : null
                )
            );
            if (points.Count > Limits.ChartPoints)
            {
                points.Dequeue();
            }
        }

        (before, counted) = (now, leader);
    }

    private static Counts Read(DateTimeOffset at, string metrics)
    {
        double grants = 0,
            held = 0,
            waiting = 0,
            waits = 0,
            seconds = 0;
        foreach (var line in metrics.AsSpan().EnumerateLines())
        {
            if (
                !line.StartsWith("raftlocks_", StringComparison.Ordinal)
                || line.LastIndexOf(' ') is not (> 0 and var end)
            )
            {
                continue;
            }

            var value = double.Parse(line[(end + 1)..], CultureInfo.InvariantCulture);
            switch (line[..end])
            {
                case """raftlocks_grants_total{waited="false"}""" or """raftlocks_grants_total{waited="true"}""":
                    grants += value;
                    break;
                case """raftlocks_requests{state="held"}""":
                    held = value;
                    break;
                case """raftlocks_requests{state="waiting"}""":
                    waiting = value;
                    break;
                case "raftlocks_wait_duration_seconds_count":
                    waits = value;
                    break;
                case "raftlocks_wait_duration_seconds_sum":
                    seconds = value;
                    break;
            }
        }

        return new Counts(at, grants, held, waiting, waits, seconds);
    }

    private sealed record Counts(
        DateTimeOffset At,
        double Grants,
        double Held,
        double Waiting,
        double Waits,
        double WaitSeconds
    );
}
