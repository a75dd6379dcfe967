// One file of the log and its image in memory, which are written once and never changed: whoever reads an entry needs
// no lock, and keeps the image as long as it likes.
using System.Buffers.Binary;
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.Node.Raft.Storage;

/// <summary>A segment of the log. The caller serialises appending, reading positions and writing.</summary>
internal sealed class LogSegment
{
    private readonly byte[] image;

    // Where each entry's record begins.
    private readonly List<int> starts = [];

    private LogSegment(byte[] image, SegmentHeader header, ulong hash, string path)
    {
        this.image = image;
        Header = header;
        LastHash = hash;
        LastTerm = header.PreviousTerm;
        IsTagged = header.Key != 0;
        Path = path;
    }

    public SegmentHeader Header { get; }

    /// <summary>The path of its file.</summary>
    public string Path { get; }

    public long LastIndex => Header.FirstIndex + starts.Count - 1;

    /// <summary>The last entry's; if there is none, that of the entry before the first.</summary>
    public long LastTerm { get; private set; }

    /// <summary>The last record's; if there is none, the header's.</summary>
    public ulong LastHash { get; private set; }

    /// <summary>
    /// Whether every record so far carries the tag of the segment's key: those of a build that knows no tags don't.
    /// </summary>
    public bool IsTagged { get; private set; }

    /// <summary>Bytes used.</summary>
    public int End { get; private set; } = SegmentFormat.HeaderBytes;

    public int Capacity => image.Length;

    /// <summary>Whether nothing was ever written behind the last entry.</summary>
    public bool EndsClean => !image.AsSpan(End).ContainsAnyExcept((byte)0);

    /// <summary>Makes a new segment in memory.</summary>
    public static LogSegment New(SegmentHeader header, int capacity, string directory)
    {
        var bytes = new byte[capacity];
        var hash = SegmentFormat.WriteHeader(bytes, header);
        return new LogSegment(bytes, header, hash, SegmentFiles.PathOf(directory, header));
    }

    /// <summary>Reads a segment from its file, with all entries that are whole.</summary>
    /// <exception cref="DamagedDataException">Its header is damaged.</exception>
    public static LogSegment Read(IFileSystem disk, string path)
    {
        var bytes = disk.ReadAllBytes(path);
        if (
            !SegmentFormat.TryReadHeader(bytes, out var header, out var hash)
            || System.IO.Path.GetFileName(path) != SegmentFiles.NameOf(header)
        )
        {
            throw new DamagedDataException($"The log's file {path} is damaged.");
        }

        var segment = new LogSegment(bytes, header, hash, path);
        while (
            SegmentFormat.TryRead(bytes.AsSpan(segment.End), out var record, out var previous)
            && previous == segment.LastHash
            && record.Index == segment.LastIndex + 1
            && record.Term >= segment.LastTerm
        )
        {
            segment.IsTagged = segment.IsTagged && SegmentFormat.HasTag(header.Key, bytes.AsSpan(segment.End));
            segment.Add(record.Hash, record.Term, record.Length);
        }

        return segment;
    }

    /// <summary>Whether an entry of so many bytes fits in.</summary>
    public bool Fits(int contentBytes) => SegmentFormat.SizeOf(contentBytes) <= image.Length - End;

    public void Append(in RaftEntry entry, long flushedIndex) =>
        Add(
            SegmentFormat.Write(image.AsSpan(End), Header.Key, LastHash, LastIndex + 1, flushedIndex, entry),
            entry.Term,
            entry.Content.Length
        );

    public RaftEntry this[long index]
    {
        get
        {
            var start = starts[(int)(index - Header.FirstIndex)];
            var record = SegmentFormat.Parse(image.AsSpan(start));
            return new RaftEntry(
                image.AsMemory(start + SegmentFormat.RecordBytes, record.Length),
                record.Term,
                record.CommandId,
                record.IsConfiguration
            );
        }
    }

    /// <summary>Returns where the record of an index begins, or would begin.</summary>
    public int StartOf(long index) =>
        starts.Count == 0 || index > LastIndex ? End : starts[(int)Math.Max(0, index - Header.FirstIndex)];

    /// <summary>The hash that a record behind an index names.</summary>
    public ulong HashAt(long index) =>
        BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(index < Header.FirstIndex ? 0 : StartOf(index)));

    /// <summary>The bytes of a range, as they are in the file.</summary>
    public ReadOnlySpan<byte> Bytes(int from, int to) => image.AsSpan(from, to - from);

    /// <summary>
    /// Whether behind the last whole entry there is one which says that more than the last whole entry had been flushed
    /// before it. It is searched for in what a torn write has left, contents of entries included, where only a tag
    /// tells a record from what a client made to look like one.
    /// </summary>
    public bool MissesFlushedEntries()
    {
        for (var at = End; at <= image.Length - SegmentFormat.RecordBytes; at += 8)
        {
            if (
                SegmentFormat.Parse(image.AsSpan(at)).FlushedIndex > LastIndex
                && SegmentFormat.TryRead(image.AsSpan(at), out _, out _)
                && (!IsTagged || SegmentFormat.HasTag(Header.Key, image.AsSpan(at)))
            )
            {
                return true;
            }
        }

        return false;
    }

    private void Add(ulong hash, long term, int contentBytes)
    {
        starts.Add(End);
        (LastHash, LastTerm, End) = (hash, term, End + SegmentFormat.SizeOf(contentBytes));
    }
}
