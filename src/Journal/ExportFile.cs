// A journal as one file, to be kept or verified elsewhere: the frames of all segments, each behind its length, and an
// end mark by which a file that was cut off is told from a whole one.
//
//   magic "RLJX" | version 4 | (length 4 | frame …)* | 0 4
using System.Buffers.Binary;
using RaftLocks.Ledger;

namespace RaftLocks.Journal;

/// <summary>Writes a journal into a stream.</summary>
public sealed class ExportWriter(Stream stream)
{
    internal const uint Magic = 0x584A4C52;
    internal const int Version = 1;
    internal const int StartBytes = 8;

    private readonly byte[] frame = new byte[sizeof(int) + Frame.MaxPartBytes + Frame.Overhead];

    /// <summary>Writes the beginning.</summary>
    public async Task BeginAsync(CancellationToken token)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(frame, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), Version);
        await stream.WriteAsync(frame.AsMemory(0, StartBytes), token);
    }

    /// <summary>Writes an item.</summary>
    public async Task AddAsync(ItemKind kind, ReadOnlyMemory<byte> item, CancellationToken token)
    {
        var isFirst = true;
        do
        {
            var length = Cut(kind, isFirst, ref item);
            await stream.WriteAsync(frame.AsMemory(0, length), token);
            isFirst = false;
        } while (!item.IsEmpty);
    }

    /// <summary>Writes the end mark.</summary>
    public async Task EndAsync(CancellationToken token)
    {
        Array.Clear(frame, 0, sizeof(int));
        await stream.WriteAsync(frame.AsMemory(0, sizeof(int)), token);
    }

    private int Cut(ItemKind kind, bool isFirst, ref ReadOnlyMemory<byte> item)
    {
        var rest = item.Span;
        var length = Frame.Write(kind, isFirst, ref rest, frame.AsSpan(sizeof(int)));
        item = item[(item.Length - rest.Length)..];
        BinaryPrimitives.WriteInt32LittleEndian(frame, length);
        return sizeof(int) + length;
    }
}

internal sealed class ExportFileSource : JournalSource
{
    private readonly FrameJoiner joiner = new();
    private readonly byte[] buffer = new byte[Frame.MaxPartBytes + Frame.Overhead];
    private readonly FileStream file;

    public ExportFileSource(string path)
    {
        file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 18);
        Place = path;
        if (
            file.ReadAtLeast(
                buffer.AsSpan(0, ExportWriter.StartBytes),
                ExportWriter.StartBytes,
                throwOnEndOfStream: false
            ) < ExportWriter.StartBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(buffer) != ExportWriter.Magic
        )
        {
            file.Dispose();
            throw new InvalidDataException($"{path} is no exported journal.");
        }

        if (BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(4)) is var version && version != ExportWriter.Version)
        {
            file.Dispose();
            throw new InvalidDataException(
                $"{path} is an exported journal of version {version}, this build reads version {ExportWriter.Version}."
            );
        }
    }

    public override ItemKind Kind => joiner.Kind;

    public override ReadOnlySpan<byte> Item => joiner.Item;

    public override string Place { get; }

    public override long BytesRead => file.Position;

    public override long BytesInAll => file.Length;

    public override bool TryNext()
    {
        while (TryFrame(out var frame))
        {
            if (joiner.Add(frame, out var whole) is { } wrong)
            {
                throw new JournalDamagedException($"{Place} is damaged before byte {file.Position}: {wrong}");
            }

            if (whole)
            {
                return true;
            }
        }

        return false;
    }

    protected override void Dispose(bool disposing) => file.Dispose();

    private bool TryFrame(out ReadOnlySpan<byte> frame)
    {
        Fill(sizeof(int));
        var length = BinaryPrimitives.ReadInt32LittleEndian(buffer);
        if (length == 0)
        {
            frame = default;
            return file.ReadByte() < 0
                ? false
                : throw new JournalDamagedException($"{Place} goes on after its end mark");
        }

        if (length < 0 || length > buffer.Length)
        {
            throw new JournalDamagedException(
                $"{Place} is damaged before byte {file.Position}: a frame of {length} bytes"
            );
        }

        Fill(length);
        frame = buffer.AsSpan(0, length);
        return true;
    }

    private void Fill(int count)
    {
        if (file.ReadAtLeast(buffer.AsSpan(0, count), count, throwOnEndOfStream: false) < count)
        {
            throw new JournalDamagedException($"{Place} was cut off: it has no end mark");
        }
    }
}
