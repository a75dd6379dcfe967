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

    /// <summary>Records that a request begins.</summary>
    public void RecordBegin(EventKind kind, LockRequest request)
    {
        Start((byte)((byte)kind | LedgerFormat.Begins), request.Owner.Key, request.Principal.Span);
        events.Varint(request.Id);
        events.UInt128(request.Session.Value);
        events.Byte(request.Session.Resumable ? (byte)1 : (byte)0);
        events.Varint((ulong)request.AbandonTimeoutMs);
        events.Varint((ulong)(request.WaitLimitMs + 1));
        events.Raw(request.Body);
    }

    /// <summary>Records what happens to a request later.</summary>
    /// <param name="kind">What.</param>
    /// <param name="request">To which request.</param>
    /// <param name="principal">Who caused it; empty where nobody was authenticated.</param>
    public void Record(EventKind kind, LockRequest request, ReadOnlySpan<byte> principal = default)
    {
        Start((byte)kind, request.Owner.Key, principal);
        events.Varint(request.Id);
    }

    /// <summary>Adds the reason to the revocation that was recorded last.</summary>
    public void AddReason(ReadOnlySpan<byte> reason) => events.Block(reason);

    /// <summary>Records a change of tokens or policies.</summary>
    /// <param name="kind">What.</param>
    /// <param name="principal">Who caused it.</param>
    /// <param name="payload">What changed.</param>
    public void RecordAuth(EventKind kind, ReadOnlySpan<byte> principal, ReadOnlySpan<byte> payload)
    {
        Start((byte)kind, [], principal);
        events.Block(payload);
    }

    public void RecordFeatureLevel(int level)
    {
        Start((byte)EventKind.FeatureLevelRaised, [], []);
        events.Varint((ulong)level);
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

    private void Start(byte kind, ReadOnlySpan<byte> space, ReadOnlySpan<byte> principal)
    {
        eventCount++;
        events.Byte(principal.IsEmpty ? kind : (byte)(kind | LedgerFormat.HasPrincipal));
        events.Block(space);
        if (!principal.IsEmpty)
        {
            events.Block(principal);
        }
    }
}
