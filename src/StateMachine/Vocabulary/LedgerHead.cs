// The head of the ledger's hash chain (SHA-256), and how many records it has.
using System.Buffers.Binary;

namespace RaftLocks.StateMachine.Vocabulary;

/// <summary>The position and the head of the ledger.</summary>
/// <param name="Head">SHA-256 of all that was recorded, 32 bytes as four little-endian words.</param>
/// <param name="Position">Records so far.</param>
public readonly record struct LedgerHead(LedgerHash Head, long Position)
{
    /// <summary>The head in hex.</summary>
    public override string ToString() => Head.ToString();
}

/// <summary>A SHA-256.</summary>
/// <param name="A">Bytes 0 to 15, little-endian.</param>
/// <param name="B">Bytes 16 to 31, little-endian.</param>
public readonly record struct LedgerHash(UInt128 A, UInt128 B)
{
    internal const int Size = 32;

    /// <summary>In hex, as usual for a SHA-256.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; false if the text is no SHA-256.</summary>
    public static bool TryParse(string hex, out LedgerHash hash)
    {
        Span<byte> bytes = stackalloc byte[Size];
        var isOne =
            hex.Length == 2 * Size
            && Convert.FromHexString(hex, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
        hash = isOne ? From(bytes) : default;
        return isOne;
    }

    internal static LedgerHash From(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt128LittleEndian(bytes), BinaryPrimitives.ReadUInt128LittleEndian(bytes[16..]));

    internal void CopyTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, A);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes[16..], B);
    }
}
