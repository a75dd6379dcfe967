// A namespace: its name, its counter, and how many requests live in it. It stays when it is empty: this object of 56 bytes, the array that
// holds the name, and a place in the table, 95 bytes and the name in all. (Promised are 64: see the microbenchmark.)
namespace RaftLocks.StateMachine;

internal sealed class NamespaceState(byte[] name) : IKeyed<NamespaceState>
{
    public object? Parent => null;

    public byte[] Key { get; } = name;

    public uint Hash { get; set; }

    public NamespaceState? NextInBucket { get; set; }

    public ulong LastId { get; set; }

    public int LiveCount { get; set; }

    public int AcquiredCount { get; set; }

    /// <summary>Of the name; the same on every replica, whatever the seed of its tables.</summary>
    public UInt128 NameHash => Hash128.Of(Key, 0);

    /// <summary>What this namespace's counter adds to the digest.</summary>
    public UInt128 DigestPart => DigestPartOf(NameHash, LastId);

    public static UInt128 DigestPartOf(UInt128 nameHash, ulong lastId) => Hash128.With(nameHash, lastId);
}

/// <summary>A namespace in figures.</summary>
/// <param name="LastId">The last id given.</param>
/// <param name="LiveCount">Live requests.</param>
/// <param name="AcquiredCount">Those that are acquired.</param>
public readonly record struct NamespaceSummary(ulong LastId, int LiveCount, int AcquiredCount)
{
    /// <summary>Those that wait.</summary>
    public int EnqueuedCount => LiveCount - AcquiredCount;
}
