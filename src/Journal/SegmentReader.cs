// Reads a segment item by item, while it is being written or not, here or from another process.
using FASTER.core;
using RaftLocks.Ledger;

namespace RaftLocks.Journal;

/// <summary>Walks through the committed items of a segment.</summary>
public sealed class SegmentReader : IDisposable
{
    private readonly FrameJoiner joiner;
    private readonly FrameCatcher catcher = new();
    private readonly string directory;
    private readonly IDisposable? owned;
    private readonly FasterLogScanIterator scan;
    private readonly long end;

    internal SegmentReader(string directory, FasterLog log, IDisposable? owned, long from, bool wholeCheckpoints)
    {
        this.directory = directory;
        this.owned = owned;
        joiner = new FrameJoiner(wholeCheckpoints);
        end = log.CommittedUntilAddress;
        Next = Math.Max(from, log.BeginAddress);
        scan = log.Scan(Next, end, scanBufferingMode: ScanBufferingMode.SinglePageBuffering);
    }

    /// <summary>The kind of the item at hand.</summary>
    public ItemKind Kind => joiner.Kind;

    /// <summary>The item at hand, until the next is read.</summary>
    public ReadOnlySpan<byte> Item => joiner.Item;

    /// <summary>The address of the item at hand.</summary>
    public long Address { get; private set; }

    /// <summary>The address of the next item.</summary>
    public long Next { get; private set; }

    /// <summary>Bytes that are left to read, about.</summary>
    public long Left => Math.Max(0, end - Next);

    /// <summary>Opens a segment that this process does not write.</summary>
    /// <param name="directory">The segment's folder.</param>
    /// <param name="from">The address of the first item.</param>
    /// <param name="wholeCheckpoints">Whether checkpoints are wanted whole; see <see cref="FrameJoiner"/>.</param>
    /// <exception cref="JournalDamagedException">It is damaged.</exception>
    public static SegmentReader Open(string directory, long from = 0, bool wholeCheckpoints = true)
    {
        if (!Directory.Exists(directory))
        {
            throw new JournalDamagedException($"{directory} is not there");
        }

        var device = SegmentFile.OpenDevice(directory);
        var commits = new CommitFile(Path.Combine(directory, SegmentFile.CommitName));
        FasterLog? opened = null;
        try
        {
            opened = new FasterLog(SegmentFile.Settings(device, commits, readOnly: true));
            opened.RecoverReadOnly();
            return new SegmentReader(directory, opened, new Closing(opened, device), from, wholeCheckpoints);
        }
        catch (Exception e)
        {
            opened?.Dispose();
            SegmentFile.Close(device);
            throw new JournalDamagedException($"{directory} can't be opened: {e.Message}", e);
        }
    }

    /// <summary>
    /// Says, in words, what a newer version of RaftLocks has written into the rest of the segment; null if nothing.
    /// </summary>
    /// <exception cref="JournalDamagedException">What stands there is not what was written.</exception>
    public string? FindNewer()
    {
        while (TryFrame())
        {
            if (Frame.NeedsNewer(catcher.Frame) is { } frame)
            {
                return frame;
            }

            if (joiner.Add(catcher.Frame, out var whole) is { } wrong)
            {
                throw Damaged(wrong);
            }

            if (whole && Frame.NeedsNewer(joiner.Kind, joiner.Item) is { } item)
            {
                return item;
            }
        }

        return null;
    }

    /// <summary>Goes to the next item; false at the end of what was committed when the reader was opened.</summary>
    /// <exception cref="JournalDamagedException">What stands there is not what was written.</exception>
    public bool TryNext()
    {
        var isFirst = true;
        while (TryFrame())
        {
            Address = isFirst ? catcher.Address : Address;
            isFirst = false;
            if (joiner.Add(catcher.Frame, out var whole) is { } wrong)
            {
                throw Damaged(wrong);
            }

            if (whole)
            {
                Next = catcher.Next;
                return true;
            }
        }

        return Next >= end ? false : throw Damaged("it ends before its end");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        scan.Dispose();
        owned?.Dispose();
    }

    private bool TryFrame()
    {
        try
        {
            return scan.TryConsumeNext(catcher);
        }
        catch (Exception e)
        {
            // Damage shows as any kind of exception here, from a wrong length to a page that can't be read.
            throw Damaged(e.Message, e);
        }
    }

    private JournalDamagedException Damaged(string what, Exception? cause = null) =>
        new($"{directory} is damaged at {Next}: {what}", cause);

    /// <summary>Copies a frame out of the log's memory.</summary>
    private sealed class FrameCatcher : ILogEntryConsumer
    {
        private byte[] buffer = new byte[Ledger.Frame.MaxPartBytes + Ledger.Frame.Overhead];
        private int length;

        public ReadOnlySpan<byte> Frame => buffer.AsSpan(0, length);

        public long Address { get; private set; }

        public long Next { get; private set; }

        public void Consume(ReadOnlySpan<byte> entry, long currentAddress, long nextAddress)
        {
            if (entry.Length > buffer.Length)
            {
                buffer = new byte[entry.Length];
            }

            entry.CopyTo(buffer);
            (length, Address, Next) = (entry.Length, currentAddress, nextAddress);
        }
    }

    private sealed class Closing(FasterLog log, IDevice device) : IDisposable
    {
        public void Dispose()
        {
            log.Dispose();
            SegmentFile.Close(device);
        }
    }
}
