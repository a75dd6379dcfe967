// A client's frames are masked: each byte of the payload is combined with one of four bytes in turn (RFC 6455, section
// 5.3).
using System.Numerics;
using System.Runtime.InteropServices;

namespace RaftLocks.Node.Sessions.Wire;

internal static class Masking
{
    /// <summary>Undoes the mask.</summary>
    /// <param name="payload">A part of a frame's payload.</param>
    /// <param name="mask">The key, in the order in which it was sent.</param>
    /// <param name="offset">How many bytes of the payload came before this part.</param>
    public static void Undo(Span<byte> payload, uint mask, long offset)
    {
        mask = RotateTo(mask, offset);
        var wide = (ulong)mask << 32 | mask;
        var words = MemoryMarshal.Cast<byte, ulong>(payload);
        for (var i = 0; i < words.Length; i++)
        {
            words[i] ^= wide;
        }

        for (var i = words.Length * sizeof(ulong); i < payload.Length; i++)
        {
            payload[i] ^= (byte)(mask >> (8 * (i & 3)));
        }
    }

    // The key's first byte is the lowest one, as the processor reads it from memory.
    private static uint RotateTo(uint mask, long offset) => BitOperations.RotateRight(mask, 8 * (int)(offset & 3));
}
