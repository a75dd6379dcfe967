// Follows the frames of one content, whatever the pieces in which its bytes arrive.
using System.Buffers.Binary;

namespace RaftLocks.Node.Raft.Transport;

/// <summary>Where in the frames of a content the bytes have come to.</summary>
internal struct FrameScanner
{
    private const uint LastFrame = 1u << 31;

    private uint head;
    private int headBytes;
    private long left;

    /// <summary>Bytes of the content so far, with those that the frame at hand announces.</summary>
    public readonly long Announced => Length + left;

    /// <summary>Bytes of the content so far.</summary>
    public long Length { get; private set; }

    /// <summary>Whether the content is complete.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Goes on over what has come, to the end of the content at most.</summary>
    /// <returns>How many of the bytes belong to the content and its frames.</returns>
    public int Advance(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (!IsComplete)
        {
            while (headBytes < RequestFormat.FrameHeadBytes)
            {
                if (at == bytes.Length)
                {
                    return at;
                }

                head |= (uint)bytes[at++] << (8 * headBytes++);
                left = headBytes == RequestFormat.FrameHeadBytes ? head & ~LastFrame : 0;
            }

            var taken = (int)Math.Min(left, bytes.Length - at);
            (at, left, Length) = (at + taken, left - taken, Length + taken);
            if (left > 0)
            {
                return at;
            }

            IsComplete = (head & LastFrame) != 0;
            (head, headBytes) = (0, 0);
        }

        return at;
    }

    /// <summary>The content of frames that are complete. One frame is not copied.</summary>
    public static ReadOnlySpan<byte> ContentOf(ReadOnlySpan<byte> frames)
    {
        if ((BinaryPrimitives.ReadUInt32LittleEndian(frames) & LastFrame) != 0)
        {
            return frames[RequestFormat.FrameHeadBytes..];
        }

        var content = new byte[frames.Length];
        var length = 0;
        while (frames.Length > 0)
        {
            var size = (int)(BinaryPrimitives.ReadUInt32LittleEndian(frames) & ~LastFrame);
            frames.Slice(RequestFormat.FrameHeadBytes, size).CopyTo(content.AsSpan(length));
            frames = frames[(RequestFormat.FrameHeadBytes + size)..];
            length += size;
        }

        return content.AsSpan(0, length);
    }
}
