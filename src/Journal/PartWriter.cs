// Cuts what is written into frames as it comes, so that an item as large as the state need not be in memory a second
// time.
using System.Buffers;
using RaftLocks.Ledger;

namespace RaftLocks.Journal;

internal sealed class PartWriter(ItemKind kind, byte[] frame, Action<ReadOnlyMemory<byte>> append) : IBufferWriter<byte>
{
    private readonly byte[] part = new byte[Frame.MaxPartBytes];
    private byte[] given = [];
    private int filled;
    private bool hasBegun;

    public void Advance(int count)
    {
        var rest = given.AsSpan(0, count);
        while (!rest.IsEmpty)
        {
            if (filled == part.Length)
            {
                Flush(isLast: false);
            }

            var fits = Math.Min(rest.Length, part.Length - filled);
            rest[..fits].CopyTo(part.AsSpan(filled));
            filled += fits;
            rest = rest[fits..];
        }
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (given.Length < Math.Max(sizeHint, 1))
        {
            given = new byte[Math.Max(sizeHint, part.Length)];
        }

        return given;
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>The item is whole.</summary>
    public void End() => Flush(isLast: true);

    private void Flush(bool isLast)
    {
        append(frame.AsMemory(0, Frame.Write(kind, isFirst: !hasBegun, isLast, part.AsSpan(0, filled), frame)));
        hasBegun = true;
        filled = 0;
    }
}
