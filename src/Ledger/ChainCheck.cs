// Follows the hash chain from item to item: head' = SHA-256(head ‖ record).
using System.Buffers;
using System.Security.Cryptography;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Ledger;

/// <summary>Checks that items are links of one chain.</summary>
public static class ChainCheck
{
    /// <summary>Reads the next item.</summary>
    /// <param name="before">The position of the chain before; null before the first checkpoint.</param>
    /// <param name="kind">What the item is.</param>
    /// <param name="item">The item.</param>
    /// <param name="next">The new position.</param>
    /// <returns>Null, or what is wrong.</returns>
    public static string? Next(
        JournalPosition? before,
        ItemKind kind,
        ReadOnlySpan<byte> item,
        out JournalPosition next
    )
    {
        next = default;
        if (kind == ItemKind.Checkpoint)
        {
            if (
                before is not null
                || !CheckpointItem.TryParse(item, out _, out var snapshot)
                || SnapshotReader.OpenHead(snapshot, out var state) is not null
            )
            {
                return before is null ? "its base is damaged" : "a base stands in the middle";
            }

            next = new JournalPosition(state.Ledger.Position, state.Ledger.Head, state.Index);
            return null;
        }

        if (before is not { } last || !RecordItem.TryParse(item, out var record))
        {
            return before is null ? "it does not begin with a base" : "a record is damaged";
        }

        if (LedgerReader.Open(record.Record, out var reader) is { } error)
        {
            return error;
        }

        if (record.Position != last.Position + 1)
        {
            return $"record {record.Position} follows record {last.Position}";
        }

        if (reader.Index <= last.Index)
        {
            return $"record {record.Position} has index {reader.Index}, the one before it has {last.Index}";
        }

        if (HashOf(last.Head, record.Record) != record.Head)
        {
            return $"the hash chain breaks at record {record.Position} (index {reader.Index})";
        }

        next = new JournalPosition(record.Position, record.Head, reader.Index);
        return null;
    }

    private static LedgerHash HashOf(LedgerHash head, ReadOnlySpan<byte> record)
    {
        var joined = ArrayPool<byte>.Shared.Rent(LedgerHash.Size + record.Length);
        head.CopyTo(joined);
        record.CopyTo(joined.AsSpan(LedgerHash.Size));
        Span<byte> hash = stackalloc byte[LedgerHash.Size];
        SHA256.HashData(joined.AsSpan(0, LedgerHash.Size + record.Length), hash);
        ArrayPool<byte>.Shared.Return(joined);
        return LedgerHash.From(hash);
    }
}
