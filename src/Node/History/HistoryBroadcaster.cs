// From the journal's task to the live readers: an event is looked at once for each of them, and decoded once for all.
using System.Collections.Immutable;
using RaftLocks.Api;
using RaftLocks.Ledger;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Journal;

namespace RaftLocks.Node.History;

internal sealed class HistoryBroadcaster : IJournalListener
{
    private ImmutableArray<HistorySubscriber> subscribers = [];

    /// <summary>Who reads; to be asked before <see cref="Subscribe"/>.</summary>
    public ReaderLimit Readers { get; } = new(Limits.MaxHistoryStreams, Limits.MaxHistoryStreamsOfReader);

    /// <summary>Adds a reader that was counted.</summary>
    public HistorySubscriber Subscribe(HistoryFilter filter)
    {
        var added = new HistorySubscriber(filter);
        ImmutableInterlocked.Update(ref subscribers, static (all, one) => all.Add(one), added);
        return added;
    }

    /// <summary>A reader has gone.</summary>
    public void Unsubscribe(HistorySubscriber gone) =>
        ImmutableInterlocked.Update(ref subscribers, static (all, one) => all.Remove(one), gone);

    /// <inheritdoc/>
    public void OnRecord(ReadOnlySpan<byte> item)
    {
        var readers = subscribers;
        if (
            readers.IsEmpty
            || !RecordItem.TryParse(item, out var record)
            || RecordEvents.Open(record, out var events) is not null
        )
        {
            return;
        }

        for (var ordinal = 0; events.TryNext(out var told); ordinal++)
        {
            HistoryEvent? decoded = null;
            var key = new EventKey(events.Index, ordinal);
            foreach (var reader in readers)
            {
                if (reader.Filter.Matches(told, events.ClockMs))
                {
                    decoded ??= EventDecoder.Decode(told, key, events.ClockMs);
                    reader.Offer(key, decoded, told.Body.Length);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void OnGap(long afterIndex, long index, string text)
    {
        foreach (var reader in subscribers)
        {
            reader.Offer(new HistoryGap(afterIndex, index, text));
        }
    }
}
