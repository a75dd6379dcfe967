// A namespace in which something lives: its name, its counter, and how many requests. An empty one is kept in fewer bytes: EmptyNamespaces.
namespace RaftLocks.StateMachine;

internal sealed class NamespaceState(byte[] name) : IKeyed<NamespaceState>
{
    public object? Parent => null;

    public byte[] Key { get; } = name;

    public uint Hash { get; set; }

    public NamespaceState? NextInBucket { get; set; }

    /// <summary>The last id given; see <see cref="Namespaces.SetLastId"/>.</summary>
    public ulong LastId { get; set; }

    /// <summary>Its place in the list of those that are awake.</summary>
    public int Slot { get; set; }

    public int LiveCount { get; set; }

    public int AcquiredCount { get; set; }

    /// <summary>The live request with the smallest id: the beginning of the list that Younger goes on with.</summary>
    public LockRequest? Oldest { get; set; }

    public LockRequest? Youngest { get; set; }

    /// <summary>Whether it has become empty, and is kept for a while in case that it is used again.</summary>
    public bool IsResting { get; set; }

    /// <summary>Of the name; the same on every replica, whatever the seed of its tables.</summary>
    public UInt128 NameHash => NameHashOf(Key);

    public static UInt128 NameHashOf(ReadOnlySpan<byte> name) => Hash128.Of(name, 0);

    /// <summary>What a namespace's counter adds to the digest.</summary>
    public static UInt128 DigestPartOf(UInt128 nameHash, ulong lastId) => Hash128.With(nameHash, lastId);
}

/// <summary>A namespace in a list.</summary>
/// <param name="Name">Its name, UTF-8.</param>
/// <param name="Summary">Its figures.</param>
public readonly record struct ListedNamespace(ReadOnlyMemory<byte> Name, NamespaceSummary Summary);

/// <summary>A namespace in figures.</summary>
/// <param name="LastId">The last id given.</param>
/// <param name="LiveCount">Live requests.</param>
/// <param name="AcquiredCount">Those that are acquired.</param>
public readonly record struct NamespaceSummary(ulong LastId, int LiveCount, int AcquiredCount)
{
    /// <summary>Those that wait.</summary>
    public int EnqueuedCount => LiveCount - AcquiredCount;
}
