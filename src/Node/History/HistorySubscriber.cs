// One reader of the live history, and what waits for it: bounded. When it reads too slowly, events are left out, and it
// is told how many.
using System.Threading.Channels;
using RaftLocks.Api;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.History;

/// <summary>An item for a live reader: an event, a gap or a loss.</summary>
internal readonly record struct LiveItem(
    EventKey Key,
    HistoryEvent? Event,
    HistoryGap? Gap,
    HistoryLoss? Loss,
    long Bytes
);

internal sealed class HistorySubscriber(HistoryFilter filter)
{
    private readonly Channel<LiveItem> news = Channel.CreateUnbounded<LiveItem>(
        new UnboundedChannelOptions { SingleReader = true }
    );
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

        news.Writer.TryWrite(new LiveItem(key, happened, Gap: null, Loss: null, size));
    }

    /// <summary>A gap, whatever the filter.</summary>
    public void Offer(HistoryGap gap) =>
        news.Writer.TryWrite(new LiveItem(new EventKey(gap.Index, 0), Event: null, gap, Loss: null, 0));

    /// <summary>Returns the next item, or null when none came within the timeout.</summary>
    public async Task<LiveItem?> NextAsync(TimeSpan timeout, CancellationToken token)
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
            limit.CancelAfter(timeout);
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

    private LiveItem? TakeLoss()
    {
        if (lost == 0)
        {
            return null;
        }

        var loss = new HistoryLoss(lost, lostAfter.ToString(), "this reader is too slow");
        lost = 0;
        return new LiveItem(lostUntil, Event: null, Gap: null, loss, 0);
    }
}
