// Appends items to a segment. Used by one thread; readers may scan what is committed meanwhile.
using System.Buffers;
using FASTER.core;
using RaftLocks.Ledger;

namespace RaftLocks.Journal;

/// <summary>A segment that is open for appending.</summary>
public sealed class SegmentWriter : IDisposable
{
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(30);

    private readonly byte[] frame = new byte[Frame.MaxPartBytes + Frame.Overhead];
    private readonly IDevice device;
    private readonly CommitFile commits;
    private readonly FasterLog log;
    private bool disposed;

    private SegmentWriter(string directory, IDevice device)
    {
        Directory = directory;
        this.device = device;
        commits = new CommitFile(Path.Combine(directory, SegmentFile.CommitName));
        log = new FasterLog(SegmentFile.Settings(device, commits, readOnly: false));
    }

    /// <summary>The segment's folder.</summary>
    public string Directory { get; }

    /// <summary>Bytes so far.</summary>
    public long Length => log.TailAddress - log.BeginAddress;

    /// <summary>Bytes that are not committed yet.</summary>
    public long Uncommitted => log.TailAddress - log.CommittedUntilAddress;

    /// <summary>The address of the next item.</summary>
    public long Tail => log.TailAddress;

    /// <summary>Bytes that are committed.</summary>
    public long Committed => log.CommittedUntilAddress - log.BeginAddress;

    /// <summary>Makes a new segment.</summary>
    /// <exception cref="IOException">The folder can't be made.</exception>
    public static SegmentWriter Create(string directory) => Create(directory, SegmentFile.OpenDevice);

    /// <summary>Opens a segment to append to it; what was not committed is gone.</summary>
    /// <exception cref="JournalDamagedException">It is damaged.</exception>
    public static SegmentWriter Reopen(string directory) => Reopen(directory, SegmentFile.OpenDevice);

    /// <summary>Appends an item. Waits while the disk is slower than the journal grows.</summary>
    /// <exception cref="JournalWriteException">The disk is full or failing; the segment must not be used any
    /// more.</exception>
    public void Append(ItemKind kind, ReadOnlySpan<byte> item)
    {
        var isFirst = true;
        do
        {
            var length = Frame.Write(kind, isFirst, ref item, frame);
            AppendFrame(frame.AsMemory(0, length));
            isFirst = false;
        } while (!item.IsEmpty);
    }

    /// <summary>Appends an item that is never in memory as a whole.</summary>
    /// <param name="kind">The kind of item.</param>
    /// <param name="write">Writes the item.</param>
    /// <exception cref="JournalWriteException">The disk is full or failing; the segment must not be used any
    /// more.</exception>
    public void Append(ItemKind kind, Action<IBufferWriter<byte>> write)
    {
        var parts = new PartWriter(kind, frame, AppendFrame);
        write(parts);
        parts.End();
    }

    /// <summary>Makes all that was appended durable.</summary>
    /// <exception cref="JournalWriteException">The disk is full or failing; the segment must not be used any
    /// more.</exception>
    public async ValueTask CommitAsync()
    {
        if (Uncommitted == 0)
        {
            return;
        }

        try
        {
            using var timeout = new CancellationTokenSource(FlushTimeout);
            await log.CommitAsync(timeout.Token);
        }
        catch (Exception e) when (e is FasterException or OperationCanceledException)
        {
            throw new JournalWriteException(Why(e), e);
        }

        if (commits.Failure is { } failure)
        {
            throw new JournalWriteException(failure.Message, failure);
        }
    }

    /// <summary>Reads what is committed, from an address on.</summary>
    public SegmentReader Read(long from, bool wholeCheckpoints = true) =>
        new(Directory, log, owned: null, from, wholeCheckpoints);

    /// <summary>Closes the segment; what was not committed is lost.</summary>
    public void Dispose()
    {
        if (!disposed)
        {
            disposed = true;
            log.Dispose();
            SegmentFile.Close(device);
            commits.Dispose();
        }
    }

    internal static SegmentWriter Create(string directory, Func<string, IDevice> open)
    {
        System.IO.Directory.CreateDirectory(directory);
        return new SegmentWriter(directory, open(directory));
    }

    internal static SegmentWriter Reopen(string directory, Func<string, IDevice> open)
    {
        var writer = new SegmentWriter(directory, open(directory));
        try
        {
            writer.log.Recover();
            return writer;
        }
        catch (Exception e)
        {
            writer.Dispose();
            throw new JournalDamagedException($"{directory} can't be opened: {e.Message}", e);
        }
    }

    private void AppendFrame(ReadOnlyMemory<byte> bytes)
    {
        var since = System.Diagnostics.Stopwatch.StartNew();
        try
        {
            while (!log.TryEnqueue(bytes.Span, out _))
            {
                if (since.Elapsed > FlushTimeout)
                {
                    throw new JournalWriteException($"the disk has taken nothing for {FlushTimeout.TotalSeconds} s");
                }

                Thread.Sleep(1);
            }
        }
        catch (FasterException e)
        {
            throw new JournalWriteException(Why(e), e);
        }
    }

    private static string Why(Exception e) =>
        e switch
        {
            OperationCanceledException => $"the disk has not answered for {FlushTimeout.TotalSeconds} s",
            _ => "the disk is full or failing",
        };
}
