// The item for one applied log entry: the ledger's record byte for byte as it was hashed, the head after it, and
// details that the record leaves out, so that each event tells by itself whose request it was. Details are no part of
// the chain; the verifier compares them with what the request said when it began. Version 1 (the frame's):
//
//   position varint | head 32 | record block | details …
//
// One detail for each event of the record that concerns a request and does not begin it, in order:
// 1 | session 16 | resumable 1 | enqueued 8 | acquired 8 (-1: never) | body block or 0 (left out, see MaxDetailBytes)
// A request with a principal has 2 instead of 1, and behind the body the principal as a block.
using RaftLocks.StateMachine;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Primitives;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Ledger;

/// <summary>Reads an item of the kind <see cref="ItemKind.Record"/>.</summary>
public readonly ref struct RecordItem
{
    private RecordItem(long position, LedgerHash head, ReadOnlySpan<byte> record, ReadOnlySpan<byte> details)
    {
        Position = position;
        Head = head;
        Record = record;
        Details = details;
    }

    /// <summary>How many records the ledger has, this one included.</summary>
    public long Position { get; }

    /// <summary>The ledger's head after this record.</summary>
    public LedgerHash Head { get; }

    /// <summary>The record as it was hashed; see <see cref="LedgerReader"/>.</summary>
    public ReadOnlySpan<byte> Record { get; }

    /// <summary>See <see cref="DetailReader"/>.</summary>
    public ReadOnlySpan<byte> Details { get; }

    /// <summary>Parses an item; false if these bytes are none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> item, out RecordItem parsed)
    {
        parsed = default;
        var reader = new ByteReader(item);
        if (
            !reader.TryVarintInt64(out var position)
            || !reader.TryRaw(LedgerHash.Size, out var head)
            || !reader.TryBlock(int.MaxValue, out var record)
        )
        {
            return false;
        }

        parsed = new RecordItem(position, LedgerHash.From(head), record, reader.Rest);
        return true;
    }
}

/// <summary>The details that a record leaves out of an event.</summary>
public ref struct Detail
{
    /// <summary>Whether it is there: of a very large record only the first details are kept.</summary>
    public bool IsThere { get; internal set; }

    /// <summary>The session of the request.</summary>
    public SessionId Session { get; internal set; }

    /// <summary>The replicated clock when the request began, ms since 1970.</summary>
    public long EnqueuedAtMs { get; internal set; }

    /// <summary>The replicated clock when it was acquired, ms since 1970; -1 if never.</summary>
    public long AcquiredAtMs { get; internal set; }

    /// <summary>The body of the request; see <see cref="LockBody"/>.</summary>
    public ReadOnlySpan<byte> Body { get; internal set; }

    /// <summary>Who asked for it, UTF-8; empty where nobody was authenticated.</summary>
    public ReadOnlySpan<byte> Principal { get; internal set; }
}

/// <summary>Walks through the details of an item.</summary>
public ref struct DetailReader(ReadOnlySpan<byte> details)
{
    private ByteReader reader = new(details);

    /// <summary>Whether all have been read.</summary>
    public readonly bool AtEnd => reader.AtEnd;

    /// <summary>Reads the next one; false if these bytes are none.</summary>
    public bool TryNext(out Detail detail)
    {
        detail = default;
        if (!reader.TryByte(out var flag) || flag > 2)
        {
            return false;
        }

        if (flag == 0)
        {
            return true;
        }

        if (
            !reader.TryUInt128(out var session)
            || !reader.TryByte(out var resumable)
            || resumable > 1
            || !reader.TryInt64(out var enqueuedAtMs)
            || !reader.TryInt64(out var acquiredAtMs)
            || !reader.TryBlock(int.MaxValue, out var body)
        )
        {
            return false;
        }

        if (flag == 2)
        {
            if (!reader.TryBlock(Limits.MaxPrincipalBytes, out var principal) || principal.IsEmpty)
            {
                return false;
            }

            detail.Principal = principal;
        }

        detail.IsThere = true;
        detail.Session = new SessionId(session, resumable == 1);
        detail.EnqueuedAtMs = enqueuedAtMs;
        detail.AcquiredAtMs = acquiredAtMs;
        detail.Body = body;
        return true;
    }
}
