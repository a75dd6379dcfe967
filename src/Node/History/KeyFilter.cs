// A Bloom filter: may a block hold anything of this namespace, of this session? It errs on the side of reading.
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace RaftLocks.Node.History;

internal sealed class KeyFilter
{
    private const int Words = 64;
    private const int Bits = Words * 64;
    private const long NamespaceSeed = 1;
    private const long SessionSeed = 2;

    private readonly ulong[] words = new ulong[Words];

    public void Add(ReadOnlySpan<byte> space) => Set(HashOf(space, NamespaceSeed));

    public void Add(UInt128 session) =>
        Set(HashOf(MemoryMarshal.AsBytes(new ReadOnlySpan<UInt128>(in session)), SessionSeed));

    public bool MayHold(ReadOnlySpan<byte> space) => Has(HashOf(space, NamespaceSeed));

    public bool MayHold(UInt128 session) =>
        Has(HashOf(MemoryMarshal.AsBytes(new ReadOnlySpan<UInt128>(in session)), SessionSeed));

    private static ulong HashOf(ReadOnlySpan<byte> key, long seed) => XxHash3.HashToUInt64(key, seed);

    private void Set(ulong hash)
    {
        words[hash % Bits / 64] |= 1UL << (int)(hash % 64);
        hash >>= 32;
        words[hash % Bits / 64] |= 1UL << (int)(hash % 64);
    }

    private bool Has(ulong hash) => IsSet(hash) && IsSet(hash >> 32);

    private bool IsSet(ulong hash) => (words[hash % Bits / 64] & (1UL << (int)(hash % 64))) != 0;
}
