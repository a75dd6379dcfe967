// An active namespace: its name, its counter, and its number of requests. An empty one takes fewer bytes: see
// EmptyNamespaces.
using RaftLocks.StateMachine.Primitives;

namespace RaftLocks.StateMachine.Queues;

internal sealed class NamespaceState(byte[] name) : IKeyed<NamespaceState>
{
    public object? Parent => null;

    public byte[] Key { get; } = name;

    public uint Hash { get; set; }

    public NamespaceState? NextInBucket { get; set; }

    /// <summary>
    /// The last id given; only Namespaces.SetLastId changes it, which keeps it in the list that is frozen.
    /// </summary>
    public ulong LastId { get; set; }

    /// <summary>Its position in the list of active namespaces.</summary>
    public int Slot { get; set; }

    public int LiveCount { get; set; }

    public int AcquiredCount { get; set; }

    /// <summary>The live request with the smallest id: the beginning of the list that Younger goes on with.</summary>
    public LockRequest? Oldest { get; set; }

    public LockRequest? Youngest { get; set; }

    /// <summary>Whether it has become empty and is kept for a while, in case it is used again.</summary>
    public bool IsCached { get; set; }

    /// <summary>The hash of the name; the same on every replica, whatever the seed of its tables.</summary>
    public UInt128 NameHash => NameHashOf(Key);

    public static UInt128 NameHashOf(ReadOnlySpan<byte> name) => Hash128.Of(name, 0);

    /// <summary>What a namespace's counter adds to the digest.</summary>
    public static UInt128 DigestPartOf(UInt128 nameHash, ulong lastId) => Hash128.With(nameHash, lastId);
}
