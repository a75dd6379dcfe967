// What a journal consists of: items (a checkpoint, or the record of one log entry), each cut into frames of a bounded
// size. A frame, version 1:
//
//   version 1 | kind 1 | part of the item … | CRC-32C 4
//
// The kind's low bits say what the item is, 0x40 that this frame goes on with the item before, 0x80 that more of it
// follows.
using System.Buffers.Binary;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Primitives;

namespace RaftLocks.Ledger;

/// <summary>The kind of an item.</summary>
public enum ItemKind : byte
{
    /// <summary>The live requests and the ledger's head, from which what follows can be proven.</summary>
    Checkpoint = 1,

    /// <summary>The record of one applied log entry.</summary>
    Record = 2,
}

/// <summary>Cuts items into frames.</summary>
public static class Frame
{
    /// <summary>The version that this build writes and reads.</summary>
    public const byte Version = 1;

    /// <summary>Bytes of an item in one frame, at most.</summary>
    public const int MaxPartBytes = 60 * 1024;

    /// <summary>Bytes of a frame beside its part.</summary>
    public const int Overhead = 2 + ChecksumBytes;

    internal const byte GoesOn = 0x40;
    internal const byte MoreFollows = 0x80;
    private const int ChecksumBytes = 4;

    /// <summary>Writes the frame for the item's next part and cuts that part off the item.</summary>
    /// <param name="kind">What the item is.</param>
    /// <param name="isFirst">Whether this is its first part.</param>
    /// <param name="item">What is left of the item.</param>
    /// <param name="frame">At least <see cref="MaxPartBytes"/> and <see cref="Overhead"/> long.</param>
    /// <returns>The frame's length.</returns>
    public static int Write(ItemKind kind, bool isFirst, ref ReadOnlySpan<byte> item, Span<byte> frame)
    {
        var part = item[..Math.Min(item.Length, MaxPartBytes)];
        item = item[part.Length..];
        return Write(kind, isFirst, isLast: item.IsEmpty, part, frame);
    }

    /// <summary>Writes a frame.</summary>
    /// <param name="kind">What the item is.</param>
    /// <param name="isFirst">Whether this is its first part.</param>
    /// <param name="isLast">Whether this is its last part.</param>
    /// <param name="part">The part, at most <see cref="MaxPartBytes"/> long.</param>
    /// <param name="frame">The buffer for the frame.</param>
    /// <returns>The frame's length.</returns>
    public static int Write(ItemKind kind, bool isFirst, bool isLast, ReadOnlySpan<byte> part, Span<byte> frame)
    {
        frame[0] = Version;
        frame[1] = (byte)((byte)kind | (isFirst ? 0 : GoesOn) | (isLast ? 0 : MoreFollows));
        part.CopyTo(frame[2..]);
        var length = 2 + part.Length;
        BinaryPrimitives.WriteUInt32LittleEndian(frame[length..], Crc32C.Of(frame[..length]));
        return length + ChecksumBytes;
    }

    /// <summary>Says what a whole frame of a newer version needs; null for any other frame.</summary>
    public static string? NeedsNewer(ReadOnlySpan<byte> frame)
    {
        if (
            frame.Length < Overhead
            || Crc32C.Of(frame[..^ChecksumBytes]) != BinaryPrimitives.ReadUInt32LittleEndian(frame[^ChecksumBytes..])
        )
        {
            return null;
        }

        var kind = (ItemKind)(frame[1] & ~(GoesOn | MoreFollows));
        return frame[0] > Version ? $"a frame has version {frame[0]}, this build reads version {Version}"
            : frame[0] == Version && kind > ItemKind.Record ? $"a frame has the unknown kind {(byte)kind}"
            : null;
    }

    /// <summary>Says what a whole item of a newer version needs; null for any other item.</summary>
    public static string? NeedsNewer(ItemKind kind, ReadOnlySpan<byte> item) =>
        kind == ItemKind.Record
            ? RecordItem.TryParse(item, out var record)
                ? LedgerReader.NeedsNewer(record.Record)
                : null
            : CheckpointItem.TryParse(item, out _, out var snapshot)
            && Versions.OfSnapshot(snapshot) is { IsNewer: true } needs
                ? needs.Describe(Versions.Snapshot)
                : null;

    /// <summary>Checks a frame; null, or what is wrong with it.</summary>
    internal static string? Read(ReadOnlySpan<byte> frame, out byte kind, out ReadOnlySpan<byte> part)
    {
        kind = 0;
        part = default;
        if (frame.Length < Overhead)
        {
            return "a frame is too short";
        }

        var end = frame.Length - ChecksumBytes;
        if (Crc32C.Of(frame[..end]) != BinaryPrimitives.ReadUInt32LittleEndian(frame[end..]))
        {
            return "a frame's checksum does not match";
        }

        if (frame[0] != Version)
        {
            return $"a frame has version {frame[0]}, this build reads version {Version}";
        }

        kind = frame[1];
        part = frame[2..end];
        return null;
    }
}

/// <summary>Puts items together from their frames. Used again for each item.</summary>
/// <param name="wholeCheckpoints">Whether checkpoints are wanted whole: one may be as large as the state. Else only its
/// first part is kept, with its heads.</param>
public sealed class FrameJoiner(bool wholeCheckpoints = true)
{
    private readonly ByteWriter parts = new(4096);
    private bool open;

    /// <summary>The kind of the whole item.</summary>
    public ItemKind Kind { get; private set; }

    /// <summary>The whole item, until the next frame is added.</summary>
    public ReadOnlySpan<byte> Item => parts.Written;

    /// <summary>Adds a frame; returns null, or what is wrong with it.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="whole">Whether the item is whole now.</param>
    public string? Add(ReadOnlySpan<byte> frame, out bool whole)
    {
        whole = false;
        if (Frame.Read(frame, out var flags, out var part) is { } wrong)
        {
            return wrong;
        }

        var kind = (ItemKind)(flags & ~(Frame.GoesOn | Frame.MoreFollows));
        var goesOn = (flags & Frame.GoesOn) != 0;
        if (goesOn != open || (goesOn && kind != Kind))
        {
            return "a frame does not fit the one before it";
        }

        if (kind is not (ItemKind.Checkpoint or ItemKind.Record))
        {
            return $"a frame has the unknown kind {(byte)kind}: it was written by a newer version of RaftLocks";
        }

        if (!goesOn)
        {
            parts.Clear();
        }

        Kind = kind;
        if (!goesOn || wholeCheckpoints || kind != ItemKind.Checkpoint)
        {
            parts.Raw(part);
        }

        open = (flags & Frame.MoreFollows) != 0;
        whole = !open;
        return null;
    }

    /// <summary>Forgets a beginning, to read somewhere else.</summary>
    public void Reset() => open = false;
}
