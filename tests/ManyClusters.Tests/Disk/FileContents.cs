// The contents of one file, twice: as a reader sees them (the page cache), and as they are on disk. What was written
// and not flushed is kept write by write, because a power cut may keep some writes, lose others, and tear one in the
// middle.
namespace RaftLocks.ManyClusters.Disk;

/// <summary>A file without its name. The disk's gate guards it.</summary>
internal sealed class FileContents
{
    private const int SectorBytes = 512;

    private readonly List<(long Offset, byte[] Bytes)> unflushed = [];
    private byte[] seen = [];
    private byte[] durable = [];
    private int seenLength;
    private int durableLength;

    /// <summary>The length as a reader sees it.</summary>
    public int Length => seenLength;

    /// <summary>Reads what was written, flushed or not.</summary>
    public int Read(Span<byte> into, long offset)
    {
        var count = (int)Math.Clamp(seenLength - offset, 0, into.Length);
        seen.AsSpan((int)Math.Min(offset, seenLength), count).CopyTo(into);
        return count;
    }

    /// <summary>Reads the whole.</summary>
    public byte[] ReadAll() => seen[..seenLength];

    /// <summary>Writes into the page cache.</summary>
    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        Put(ref seen, ref seenLength, bytes, offset);
        unflushed.Add((offset, bytes.ToArray()));
    }

    /// <summary>
    /// Writes into the page cache what is on its way to the disk already: <see cref="Settle"/> says what became of it.
    /// </summary>
    public (long Offset, byte[] Bytes) BeginWriteThrough(ReadOnlySpan<byte> bytes, long offset)
    {
        Write(bytes, offset);
        return unflushed[^1];
    }

    /// <summary>A write that was on its way is on disk.</summary>
    public void Settle((long Offset, byte[] Bytes) write)
    {
        if (unflushed.RemoveAll(other => ReferenceEquals(other.Bytes, write.Bytes)) > 0)
        {
            Put(ref durable, ref durableLength, write.Bytes, write.Offset);
        }
    }

    /// <summary>Puts on disk what was written.</summary>
    public void Flush()
    {
        foreach (var (offset, bytes) in unflushed)
        {
            Put(ref durable, ref durableLength, bytes, offset);
        }

        unflushed.Clear();
    }

    /// <summary>Puts on disk what can be read in a range.</summary>
    public void WriteBack(long offset, long length)
    {
        var count = (int)Math.Clamp(seenLength - offset, 0, length);
        Put(ref durable, ref durableLength, seen.AsSpan((int)Math.Min(offset, seenLength), count), offset);
        if (offset == 0 && count == seenLength)
        {
            unflushed.Clear();
        }
    }

    /// <summary>The machine loses its power: of what was not flushed each sector is on disk, or not.</summary>
    public void LosePower(Random chance)
    {
        foreach (var (offset, bytes) in unflushed)
        {
            var fate = chance.Next(4);
            if (fate == 0)
            {
                continue;
            }

            for (long at = offset; at < offset + bytes.Length; at = NextSector(at))
            {
                if (fate == 1 || chance.Next(2) == 0)
                {
                    var end = Math.Min(NextSector(at), offset + bytes.Length);
                    Put(ref durable, ref durableLength, bytes.AsSpan((int)(at - offset), (int)(end - at)), at);
                }
            }
        }

        unflushed.Clear();
        (seen, seenLength) = (durable[..durableLength], durableLength);
    }

    private static long NextSector(long at) => (at / SectorBytes * SectorBytes) + SectorBytes;

    private static void Put(ref byte[] into, ref int length, ReadOnlySpan<byte> bytes, long offset)
    {
        var end = (int)offset + bytes.Length;
        if (end > into.Length)
        {
            Array.Resize(ref into, Math.Max(end, into.Length * 2));
        }

        bytes.CopyTo(into.AsSpan((int)offset));
        length = Math.Max(length, end);
    }
}
