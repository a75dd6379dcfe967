// Makes the item for the entry that a state machine has just applied. It is called while the state stands still, so it
// only copies.
using RaftLocks.StateMachine.Primitives;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Ledger;

/// <summary>Makes record items; used again for each.</summary>
public sealed class RecordItemWriter
{
    /// <summary>
    /// Bytes of details in one item, about. A release by which a hundred thousand waiters acquire their locks must not
    /// weigh as much as they do.
    /// </summary>
    public const int MaxDetailBytes = 1 << 20;

    private readonly ByteWriter item = new(4096);

    /// <summary>The item for the entry applied last, valid until the next call.</summary>
    /// <param name="machine">The machine that applied it.</param>
    /// <param name="events">What came of it.</param>
    public ReadOnlySpan<byte> Write(LockStateMachine machine, EventList events)
    {
        Span<byte> head = stackalloc byte[LedgerHash.Size];
        var ledger = machine.LedgerHead;
        ledger.Head.CopyTo(head);
        item.Clear();
        item.Varint((ulong)ledger.Position);
        item.Raw(head);
        item.Block(machine.LastRecord);
        var detailsAt = item.Length;
        for (var i = 0; i < events.Count; i++)
        {
            ref readonly var happened = ref events[i];
            if (happened.Kind != EventKind.Rejected && happened.Request is { } request && !Begins(happened))
            {
                // As it stood then: a later command of the entry may have downgraded it.
                WriteDetail(
                    request,
                    request.BodyAt(machine.AppliedIndex, happened.Ordinal),
                    isThere: item.Length - detailsAt < MaxDetailBytes
                );
            }
        }

        return item.Written;
    }

    // A lock is answered by Enqueued or Acquired; an Acquired that another client's command caused is no answer.
    private static bool Begins(in LockEvent happened) =>
        happened is { IsReply: true, Kind: EventKind.Enqueued or EventKind.Acquired };

    private void WriteDetail(LockRequest request, byte[] body, bool isThere)
    {
        var principal = request.Principal.Span;
        item.Byte(
            !isThere ? (byte)0
            : principal.IsEmpty ? (byte)1
            : (byte)2
        );
        if (isThere)
        {
            item.UInt128(request.Session.Value);
            item.Byte(request.Session.Resumable ? (byte)1 : (byte)0);
            item.Int64(request.EnqueuedAtMs);
            item.Int64(request.AcquiredAtMs);
            item.Block(body);
            if (!principal.IsEmpty)
            {
                item.Block(principal);
            }
        }
    }
}
