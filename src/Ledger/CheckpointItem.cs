// The item that a segment begins with: why it begins, where the journal stood before, and the whole state as a snapshot
// (StateFormat.cs): the live requests and the ledger's head, from which what follows can be proven. Version 1 (the
// frame's):
//
//   why 1 | position before varint | head before 32 | index before varint | node block | text block | snapshot …
using System.Buffers;
using RaftLocks.StateMachine.Primitives;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Ledger;

/// <summary>Why a segment begins.</summary>
public enum CheckpointReason : byte
{
    /// <summary>The ledger begins here: nothing was before.</summary>
    Beginning = 1,

    /// <summary>The segment continues where the one before ended.</summary>
    Continues = 2,

    /// <summary>The journal lacks what was before; the text says why.</summary>
    Gap = 3,
}

/// <summary>A position in a journal.</summary>
/// <param name="Position">Records of the ledger so far.</param>
/// <param name="Head">The ledger's head.</param>
/// <param name="Index">Raft index of the last record; 0 before the first.</param>
public readonly record struct JournalPosition(long Position, LedgerHash Head, long Index);

/// <summary>The head of a checkpoint; the snapshot is read by <see cref="SnapshotReader"/>.</summary>
/// <param name="Reason">Why the segment begins.</param>
/// <param name="Before">The last record that the journal had before.</param>
/// <param name="Node">The node that wrote it.</param>
/// <param name="Text">What became of the missing records, for people.</param>
public readonly record struct CheckpointHeader(
    CheckpointReason Reason,
    JournalPosition Before,
    string Node,
    string Text
);

/// <summary>Writes and reads an item of the kind <see cref="ItemKind.Checkpoint"/>.</summary>
public static class CheckpointItem
{
    private const int MaxTextBytes = 1024;

    /// <summary>Writes a checkpoint.</summary>
    public static void Write(in CheckpointHeader header, FrozenState state, IBufferWriter<byte> item)
    {
        Span<byte> head = stackalloc byte[LedgerHash.Size];
        header.Before.Head.CopyTo(head);
        var start = new ByteWriter();
        start.Byte((byte)header.Reason);
        start.Varint((ulong)header.Before.Position);
        start.Raw(head);
        start.Varint((ulong)header.Before.Index);
        start.Block(Utf8(header.Node));
        start.Block(Utf8(header.Text));
        item.Write(start.Written);
        state.WriteTo(item);
    }

    /// <summary>Reads a checkpoint; false if these bytes are none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> item, out CheckpointHeader header, out ReadOnlySpan<byte> snapshot)
    {
        header = default;
        snapshot = default;
        var reader = new ByteReader(item);
        if (
            !reader.TryByte(out var reason)
            || !Enum.IsDefined((CheckpointReason)reason)
            || !reader.TryVarintInt64(out var position)
            || !reader.TryRaw(LedgerHash.Size, out var head)
            || !reader.TryVarintInt64(out var index)
            || !reader.TryBlock(MaxTextBytes, out var node)
            || !reader.TryBlock(MaxTextBytes, out var text)
        )
        {
            return false;
        }

        header = new CheckpointHeader(
            (CheckpointReason)reason,
            new JournalPosition(position, LedgerHash.From(head), index),
            System.Text.Encoding.UTF8.GetString(node),
            System.Text.Encoding.UTF8.GetString(text)
        );
        snapshot = reader.Rest;
        return true;
    }

    private static ReadOnlySpan<byte> Utf8(string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        return bytes.AsSpan(0, Math.Min(bytes.Length, MaxTextBytes));
    }
}
