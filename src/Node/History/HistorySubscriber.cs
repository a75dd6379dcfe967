// One reader of the live history, and what waits for it: bounded. When it reads too slowly, events are left out, and it is told how many.
using System.Threading.Channels;
using RaftLocks.Node.Settings;

namespace RaftLocks.Node.History;

/// <summary>What a live reader is told: one of the three.</summary>
internal readonly record struct LiveNews(EventKey Key, HistoryEvent? Event, HistoryGap? Gap, HistoryLoss? Loss, long Bytes);

internal sealed class HistorySubscriber(HistoryFilter filter)
{
    private readonly Channel<LiveNews> news = Channel.CreateUnbounded<LiveNews>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock turn = new();
    private long bytes;
    private long lost;
    private EventKey lostAfter;
    private EventKey lostUntil;
    private EventKey lastKept;

    public HistoryFilter Filter { get; } = filter;

    /// <summary>An event that this reader wants; left out when too much waits.</summary>
    public void Offer(EventKey key, HistoryEvent happened, int bodyBytes)
    {
        var size = Limits.HistoryEventBytes + (2L * bodyBytes);
        lock (turn)
        {
            if (bytes > 0 && bytes + size > Limits.HistoryStreamBytes)
            {
                lostAfter = lost == 0 ? lastKept : lostAfter;
                lostUntil = key;
                lost++;
                return;
            }

            if (TakeLoss() is { } loss)
            {
                news.Writer.TryWrite(loss);
            }

            bytes += size;
            lastKept = key;
        }

        news.Writer.TryWrite(new LiveNews(key, happened, Gap: null, Loss: null, size));
    }

    /// <summary>A gap, whatever the filter.</summary>
    public void Offer(HistoryGap gap) => news.Writer.TryWrite(new LiveNews(new EventKey(gap.Index, 0), Event: null, gap, Loss: null, 0));

    /// <summary>What comes next, or null when nothing came for so long.</summary>
    public async Task<LiveNews?> NextAsync(TimeSpan patience, CancellationToken token)
    {
        if (!news.Reader.TryRead(out var next))
        {
            lock (turn)
            {
                if (TakeLoss() is { } loss)
                {
                    return loss;
                }
            }

            using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
            limit.CancelAfter(patience);
            try
            {
                next = await news.Reader.ReadAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!token.IsCancellationRequested)
            {
                return null;
            }
        }

        lock (turn)
        {
            bytes -= next.Bytes;
        }

        return next;
    }

    private LiveNews? TakeLoss()
    {
        if (lost == 0)
        {
            return null;
        }

        var loss = new HistoryLoss(lost, lostAfter.ToString(), "this reader is too slow");
        lost = 0;
        return new LiveNews(lostUntil, Event: null, Gap: null, loss, 0);
    }
}
