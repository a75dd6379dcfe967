// The ledger: a hash chain with one record for each applied entry. Its head is part of the state, so two replicas with
// equal heads have seen the same history. Whoever keeps the records can prove them (head' = SHA-256(head ‖ record)).
// The format of a record stands in Codec/LedgerFormat.cs.
using System.Security.Cryptography;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Primitives;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.State;

internal sealed class Ledger
{
    private readonly ByteWriter events = new(4096);
    private readonly ByteWriter chained = new(4096);
    private int eventCount;

    public LedgerHead Head { get; private set; }

    /// <summary>The record of the last entry, valid until the next is applied.</summary>
    public ReadOnlySpan<byte> LastRecord => chained.Written[LedgerHash.Size..];

    public void Restore(LedgerHead head) => Head = head;

    public void Record(EventKind kind, LockRequest request, bool begins)
    {
        events.Byte((byte)((byte)kind | (begins ? LedgerFormat.Begins : 0)));
        events.Block(request.Owner.Key);
        events.Varint(request.Id);
        if (begins)
        {
            events.UInt128(request.Session.Value);
            events.Byte(request.Session.Resumable ? (byte)1 : (byte)0);
            events.Varint((ulong)request.AbandonTimeoutMs);
            events.Varint((ulong)(request.WaitLimitMs + 1));
            events.Raw(request.Body);
        }

        eventCount++;
    }

    public void RecordRevoked(LockRequest request, ReadOnlySpan<byte> reason)
    {
        Record(EventKind.Revoked, request, begins: false);
        events.Block(reason);
    }

    public void RecordFeatureLevel(int level)
    {
        events.Byte((byte)EventKind.FeatureLevelRaised);
        events.Varint(0);
        events.Varint((ulong)level);
        eventCount++;
    }

    public void Close(long index, long clockMs)
    {
        Span<byte> hash = stackalloc byte[LedgerHash.Size];
        Head.Head.CopyTo(hash);
        chained.Clear();
        chained.Raw(hash);
        chained.Byte(LedgerFormat.Version);
        chained.Int64(index);
        chained.Int64(clockMs);
        chained.Varint((ulong)eventCount);
        chained.Raw(events.Written);
        SHA256.HashData(chained.Written, hash);
        Head = new LedgerHead(LedgerHash.From(hash), Head.Position + 1);
        events.Clear();
        eventCount = 0;
    }
}
