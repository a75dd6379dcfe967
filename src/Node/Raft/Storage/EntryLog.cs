// The entries behind the snapshot: all of them in memory, and in segment files from which a start reads them again
// (EntryLog.Opening.cs). Nothing that was written is ever overwritten. Where a tail is replaced, a new segment begins,
// and ends the earlier ones there (EntryLog.Truncation.cs).
using System.Buffers.Binary;
using System.Security.Cryptography;
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.Node.Raft.Storage;

/// <summary>
/// The log itself, without Raft. Entries are appended in memory, by one at a time, and are on disk after the next
/// <see cref="Flush"/>. All members may be called from any thread.
/// </summary>
internal sealed partial class EntryLog : IDisposable
{
    private readonly IFileSystem disk;
    private readonly string directory;
    private readonly int segmentBytes;
    private readonly SegmentFiles files;
    private readonly LogEndMarker endMarker;

    // Protects what is in memory; held for moments.
    private readonly Lock gate = new();

    // Protects the files while they are flushed, truncated or deleted. Taken first where both are.
    private readonly Lock writing = new();

    // Each but the last ends where the next begins, whatever it holds beyond.
    private readonly List<LogSegment> segments = [];

    // Segments that were replaced or compacted; their files are deleted when what replaces them is on disk.
    private readonly List<LogSegment> retired = [];

    // The segments before this one are written, and so much of it.
    private LogSegment? unwritten;
    private int writtenBytes;
    private long sequence;
    private bool failed;
    private long lastIndex;
    private long flushedIndex;

    private EntryLog(IFileSystem disk, string directory, int segmentBytes, SegmentFiles files, LogEndMarker endMarker)
    {
        this.disk = disk;
        this.directory = directory;
        this.segmentBytes = segmentBytes;
        this.files = files;
        this.endMarker = endMarker;
    }

    /// <summary>The first entry that is there; one more than the last if there is none.</summary>
    public long FirstIndex
    {
        get
        {
            lock (gate)
            {
                return segments[0].Header.FirstIndex;
            }
        }
    }

    public long LastIndex => Volatile.Read(ref lastIndex);

    /// <summary>All entries up to this one are on disk.</summary>
    public long FlushedIndex => Volatile.Read(ref flushedIndex);

    /// <summary>Returns an entry of the log.</summary>
    public RaftEntry this[long index]
    {
        get
        {
            lock (gate)
            {
                return SegmentOf(index)[index];
            }
        }
    }

    /// <summary>Appends in memory; returns the index.</summary>
    public long Append(in RaftEntry entry)
    {
        lock (gate)
        {
            var segment = segments[^1];
            if (entry.Term < segment.LastTerm)
            {
                throw new NotElectedInTermException(entry.Term, segment.LastTerm);
            }

            if (!segment.Fits(entry.Content.Length))
            {
                segment = Continue(segment, entry.Content.Length);
            }

            segment.Append(entry, flushedIndex);
            Volatile.Write(ref lastIndex, segment.LastIndex);
            return lastIndex;
        }
    }

    /// <summary>Puts on disk what was appended until now.</summary>
    /// <exception cref="IOException">The disk is full or failing. What is on disk is unknown from then on.</exception>
    public void Flush()
    {
        lock (writing)
        {
            if (failed)
            {
                throw new DiskException("The log could not be written before.");
            }

            failed = true;
            var last = LastIndex;
            while (NextPiece() is var (segment, from, to))
            {
                Write(segment, from, to);
            }

            endMarker.Note(last);
            Volatile.Write(ref flushedIndex, last);
            failed = false;
        }
    }

    /// <summary>
    /// The term of an entry; null if it isn't there. Of the one before the first, its term is known too.
    /// </summary>
    public long? TermAt(long index)
    {
        lock (gate)
        {
            return index > lastIndex || index < segments[0].Header.FirstIndex - 1 ? null
                : index < segments[0].Header.FirstIndex ? segments[0].Header.PreviousTerm
                : SegmentOf(index)[index].Term;
        }
    }

    /// <summary>
    /// Entries from one on that take no more than so many bytes, but at least one; none if the first isn't there.
    /// </summary>
    public List<RaftEntry> Read(long first, long last, long maxBytes)
    {
        var found = new List<RaftEntry>();
        lock (gate)
        {
            if (first < segments[0].Header.FirstIndex)
            {
                return found;
            }

            var at = Math.Max(0, IndexOfSegment(first));
            for (var index = first; index <= Math.Min(last, lastIndex); index++)
            {
                while (at + 1 < segments.Count && segments[at + 1].Header.FirstIndex <= index)
                {
                    at++;
                }

                var entry = segments[at][index];
                maxBytes -= SegmentFormat.SizeOf(entry.Content.Length);
                if (maxBytes < 0 && found.Count > 0)
                {
                    break;
                }

                found.Add(entry);
            }
        }

        return found;
    }

    public void Dispose()
    {
        lock (writing)
        {
            files.Dispose();
            endMarker.Dispose();
        }
    }

    private void Write(LogSegment segment, int from, int to)
    {
        if (from == 0)
        {
            files.Create(segment);
            from = SegmentFormat.HeaderBytes;
            DeleteRetired();
        }

        if (to > from)
        {
            files.Write(segment, from, to);
        }

        if (to > segment.Capacity / 2)
        {
            files.MakeSpare();
        }
    }

    /// <summary>A new segment behind one that has no room. An empty one is as if it had never been.</summary>
    private LogSegment Continue(LogSegment full, int contentBytes)
    {
        var isEmpty = full.LastIndex < full.Header.FirstIndex;
        if (isEmpty)
        {
            Retire(segments.Count - 1);
        }

        return BeginSegment(
            full.LastIndex,
            full.LastTerm,
            isEmpty ? full.Header.PreviousHash : full.LastHash,
            isEmpty && full.Header.BeginsAnew,
            contentBytes
        );
    }

    private LogSegment BeginSegment(
        long previousIndex,
        long previousTerm,
        ulong previousHash,
        bool beginsAnew,
        int atLeast
    )
    {
        var header = new SegmentHeader(++sequence, previousIndex + 1, previousTerm, previousHash, beginsAnew, NewKey());
        var capacity = Math.Max(segmentBytes, SegmentFormat.HeaderBytes + SegmentFormat.SizeOf(atLeast));
        var segment = LogSegment.New(header, capacity, directory);
        segments.Add(segment);
        if (unwritten is null || !segments.Contains(unwritten))
        {
            (unwritten, writtenBytes) = (segment, 0);
        }

        return segment;
    }

    /// <summary>The piece to be written next; null if all is written.</summary>
    private (LogSegment Segment, int From, int To)? NextPiece()
    {
        lock (gate)
        {
            while (unwritten is { } segment)
            {
                var (from, to) = (writtenBytes, segment.End);
                writtenBytes = to;
                if (from < to)
                {
                    return (segment, from, to);
                }

                var next = segments.IndexOf(segment) + 1;
                if (next == segments.Count)
                {
                    return null;
                }

                (unwritten, writtenBytes) = (segments[next], 0);
            }

            return null;
        }
    }

    private static ulong NewKey()
    {
        Span<byte> key = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(key);

        // 0 stands for none.
        return BinaryPrimitives.ReadUInt64LittleEndian(key) | 1;
    }

    private LogSegment SegmentOf(long index) => segments[IndexOfSegment(index)];

    /// <summary>The last segment that begins at or before an index; -1 if none does.</summary>
    private int IndexOfSegment(long index)
    {
        var at = segments.Count - 1;
        while (at >= 0 && segments[at].Header.FirstIndex > index)
        {
            at--;
        }

        return at;
    }
}
