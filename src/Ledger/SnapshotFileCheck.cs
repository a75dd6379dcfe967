// Checks a snapshot's file that comes in parts: the node's header (magic "RLSF", version, index, term, CRC-32 of
// these), then the state machine's part with its own checksum. Whoever receives a snapshot from a node believes nothing
// of it before that.
using System.Buffers.Binary;
using RaftLocks.StateMachine.Codec;

namespace RaftLocks.Ledger;

/// <summary>Whether the bytes of a snapshot's file are as a node wrote them.</summary>
public sealed class SnapshotFileCheck
{
    private const int HeaderBytes = 4 + 4 + 8 + 8 + 4;
    private const uint Magic = 0x46534C52;
    private const int Version = 1;
    private const uint Crc32Polynomial = 0xEDB88320;

    private readonly byte[] header = new byte[HeaderBytes];
    private readonly SnapshotCheck state = new();
    private int headerLength;

    /// <summary>Raft index of the last entry applied; known when <see cref="Complete"/> found nothing wrong.</summary>
    public long Index => state.Index;

    /// <summary>How many live requests the snapshot holds.</summary>
    public long LiveCount => state.LiveCount;

    /// <summary>Reads the next part.</summary>
    /// <param name="part">Bytes of the file, in order.</param>
    /// <returns>What is wrong, for people, or null so far.</returns>
    public string? Append(ReadOnlySpan<byte> part)
    {
        var ofHeader = Math.Min(part.Length, HeaderBytes - headerLength);
        if (ofHeader > 0)
        {
            part[..ofHeader].CopyTo(header.AsSpan(headerLength));
            headerLength += ofHeader;
            if (headerLength == HeaderBytes && !IsHeaderWhole())
            {
                return "its header is damaged or of another version";
            }
        }

        return part.Length > ofHeader ? state.Append(part[ofHeader..]) : null;
    }

    /// <summary>Checks the whole, after the last part.</summary>
    /// <returns>What is wrong, for people, or null.</returns>
    public string? Complete()
    {
        if (headerLength < HeaderBytes)
        {
            return "it is too short";
        }

        return state.Complete() is { } problem ? problem
            : state.Index != BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(8))
            || state.Term != BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(16))
                ? "its header belongs to another snapshot"
            : null;
    }

    private bool IsHeaderWhole() =>
        BinaryPrimitives.ReadUInt32LittleEndian(header) == Magic
        && BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(4)) == Version
        && BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(HeaderBytes - 4))
            == Crc32(header.AsSpan(0, HeaderBytes - 4));

    // Bit by bit: it is for some bytes only.
    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * Crc32Polynomial);
            }
        }

        return ~crc;
    }
}
