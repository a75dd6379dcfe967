// Reads the segments of a folder one after the other. A node may be writing the last one meanwhile, and delete the
// first ones.
using RaftLocks.Ledger;

namespace RaftLocks.Journal;

internal sealed class FolderSource : JournalSource
{
    private readonly Queue<SegmentOnDisk> left;
    private SegmentReader? reader;
    private SegmentOnDisk current;
    private long before;

    public FolderSource(JournalFolder folder)
    {
        left = new Queue<SegmentOnDisk>(folder.Segments);
        BytesInAll = left.Sum(segment => segment.Bytes);
    }

    public override ItemKind Kind => reader!.Kind;

    public override ReadOnlySpan<byte> Item => reader!.Item;

    public override string Place => current.Directory;

    public override long BytesRead =>
        before + (reader is null ? 0 : current.Bytes - Math.Min(current.Bytes, reader.Left));

    public override long BytesInAll { get; }

    public override bool TryNext()
    {
        while (true)
        {
            try
            {
                if (reader is not null && reader.TryNext())
                {
                    return true;
                }

                Close();
                if (!left.TryDequeue(out current))
                {
                    return false;
                }

                reader = SegmentReader.Open(current.Directory);
            }
            catch (JournalDamagedException e) when (!Directory.Exists(current.Directory))
            {
                throw new JournalMovedException($"{current.Directory} was deleted while the journal was read", e);
            }
        }
    }

    protected override void Dispose(bool disposing) => Close();

    private void Close()
    {
        before += reader is null ? 0 : current.Bytes;
        reader?.Dispose();
        reader = null;
    }
}

/// <summary>The node has deleted a segment that was still to be read: reading must begin anew.</summary>
public sealed class JournalMovedException(string message, Exception? cause = null) : IOException(message, cause);
