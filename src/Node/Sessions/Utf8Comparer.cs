// Tables whose keys are names as clients send them: UTF-8, never made into strings.
namespace RaftLocks.Node.Sessions;

/// <summary>Compares names by their bytes.</summary>
internal sealed class Utf8Comparer : IEqualityComparer<ReadOnlyMemory<byte>>
{
    public static readonly Utf8Comparer Instance = new();

    public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

    public int GetHashCode(ReadOnlyMemory<byte> bytes)
    {
        var hash = default(HashCode);
        hash.AddBytes(bytes.Span);
        return hash.ToHashCode();
    }
}
