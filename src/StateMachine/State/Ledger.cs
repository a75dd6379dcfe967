// The ledger: a hash chain with one record for each applied entry. Its head is part of the state, so two replicas with equal heads
// have seen the same history; and who keeps the records can prove them to anybody (head' = SHA-256(head ‖ record)).
//
// A record, version 1: version 1 | Raft index 8 | replicated clock 8 | number of events varint | events …
// An event: kind 1 | namespace block | id varint, and where a request begins (Enqueued, or Acquired at once): session 16 | resumable 1 |
// abandon timeout varint | wait limit + 1 varint | body (see EntryFormat). A flag in the kind's top bit says that the request begins here.
// A Revoked event has its reason as a block behind the id.
// Codec/LedgerReader.cs reads it, and src/Ledger/Proof judges it: a new kind of event must be known to all three.
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RaftLocks.StateMachine;

/// <summary>Where the ledger stands.</summary>
/// <param name="Head">SHA-256 of all that was recorded, 32 bytes as four little-endian words.</param>
/// <param name="Position">Records so far.</param>
public readonly record struct LedgerHead(LedgerHash Head, long Position)
{
    /// <summary>The head in hex.</summary>
    public override string ToString() => Head.ToString();
}

/// <summary>A SHA-256.</summary>
/// <param name="A">Bytes 0 to 15, little-endian.</param>
/// <param name="B">Bytes 16 to 31, little-endian.</param>
public readonly record struct LedgerHash(UInt128 A, UInt128 B)
{
    internal const int Size = 32;

    /// <summary>In hex, as usual for a SHA-256.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; false if the text is no SHA-256.</summary>
    public static bool TryParse(string hex, out LedgerHash hash)
    {
        Span<byte> bytes = stackalloc byte[Size];
        var isOne = hex.Length == 2 * Size && Convert.FromHexString(hex, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
        hash = isOne ? From(bytes) : default;
        return isOne;
    }

    internal static LedgerHash From(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt128LittleEndian(bytes), BinaryPrimitives.ReadUInt128LittleEndian(bytes[16..]));

    internal void CopyTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, A);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes[16..], B);
    }
}

internal sealed class Ledger
{
    public const byte Version = 1;
    public const byte Begins = 0x80;

    private readonly ByteWriter events = new(4096);
    private readonly ByteWriter chained = new(4096);
    private int eventCount;

    public LedgerHead Head { get; private set; }

    /// <summary>The record of the last entry, valid until the next is applied.</summary>
    public ReadOnlySpan<byte> LastRecord => chained.Written[LedgerHash.Size..];

    public void Restore(LedgerHead head) => Head = head;

    public void Record(EventKind kind, LockRequest request, bool begins)
    {
        events.Byte((byte)((byte)kind | (begins ? Begins : 0)));
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
        chained.Byte(Version);
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
