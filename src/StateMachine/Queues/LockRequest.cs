// A live request: a lock that is acquired, or one that waits in the queue; and the active namespace that it is in. (An
// empty namespace takes fewer bytes: see EmptyNamespaces.)
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Primitives;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Queues;

/// <summary>A request from its command until it ends. The same object all the while, which any thread may read: it
/// only ever changes by being acquired (<see cref="AcquiredAtMs"/>) and by being downgraded (<see cref="Resources"/>,
/// once at most, from one whole version to another).
/// </summary>
public sealed class LockRequest
{
    private readonly byte[] body;
    private readonly int channelLength;
    private readonly int resourcesAt;
    private volatile Downgrade? downgrade;

    /// <summary>The next request in the same bucket of the table by id.</summary>
    internal LockRequest? NextById;

    /// <summary>The next request in the same bucket of the table by session and channel.</summary>
    internal LockRequest? NextByChannel;

    /// <summary>Its neighbours in the namespace's list by id.</summary>
    internal LockRequest? Older;
    internal LockRequest? Younger;

    internal LockRequest(
        NamespaceState owner,
        ulong id,
        SessionId session,
        long abandonTimeoutMs,
        long waitLimitMs,
        long enqueuedAtMs,
        byte[] body,
        UInt128 nameHash,
        ReadOnlyMemory<byte> principal = default
    )
    {
        Owner = owner;
        Id = id;
        Session = session;
        AbandonTimeoutMs = abandonTimeoutMs;
        WaitLimitMs = waitLimitMs;
        EnqueuedAtMs = enqueuedAtMs;
        AcquiredAtMs = -1;
        this.body = body;
        var reader = new ByteReader(body);
        reader.TryBlock(Limits.MaxChannelBytes, out var channel);
        reader.TryBlock(Limits.MaxLabelBytes, out _);
        reader.TryBlock(Limits.MaxLabelBytes, out _);
        channelLength = channel.Length;
        resourcesAt = body.Length - reader.Rest.Length;
        Principal = principal;
        StaticHash = HashStatic(body, nameHash);
    }

    /// <summary>Name of the namespace, UTF-8.</summary>
    public ReadOnlyMemory<byte> Namespace => Owner.Key;

    /// <summary>Number within the namespace, in log order, never used twice: the fencing token.</summary>
    public ulong Id { get; }

    /// <summary>Who asked for it, UTF-8; empty where nobody was authenticated.</summary>
    public ReadOnlyMemory<byte> Principal { get; }

    /// <summary>The session of the request.</summary>
    public SessionId Session { get; }

    /// <summary>How long it outlives its connection once acquired, ms.</summary>
    public long AbandonTimeoutMs { get; }

    /// <summary>How long it may wait, ms; -1 for ever.</summary>
    public long WaitLimitMs { get; }

    /// <summary>The replicated clock when the request was applied, ms since 1970.</summary>
    public long EnqueuedAtMs { get; }

    /// <summary>The replicated clock when it was acquired, ms since 1970; -1 while it waits.</summary>
    public long AcquiredAtMs { get; internal set; }

    /// <summary>Whether it is acquired.</summary>
    public bool IsAcquired => AcquiredAtMs >= 0;

    /// <summary>The session's channel, empty for the main one.</summary>
    public ReadOnlyMemory<byte> Channel => Part(0);

    /// <summary>The label of the client, for people; may be empty.</summary>
    public ReadOnlyMemory<byte> Label => Part(1);

    /// <summary>The client's own reference; may be empty.</summary>
    public ReadOnlyMemory<byte> Ref => Part(2);

    /// <summary>
    /// The resources that it locks now: after a downgrade, reads only. A value that was read before does not change.
    /// </summary>
    public ResourceSet Resources => new(Body.AsMemory(resourcesAt));

    internal NamespaceState Owner { get; }

    /// <summary>The channel stands first in the body, behind its length: one byte below 128, two above.</summary>
    internal ReadOnlySpan<byte> ChannelBytes => body.AsSpan(channelLength < 0x80 ? 1 : 2, channelLength);

    /// <summary>The body as it stands.</summary>
    internal byte[] Body => downgrade?.Body ?? body;

    /// <summary>The hash of everything that never changes.</summary>
    internal UInt128 StaticHash { get; private set; }

    /// <summary>The part of the digest that this request adds as it stands.</summary>
    internal UInt128 DigestPart => Hash128.With(StaticHash, (ulong)AcquiredAtMs);

    /// <summary>
    /// Whether it was downgraded since this machine knows it: its queue entries may be out of order then.
    /// </summary>
    internal bool IsDowngraded => downgrade is not null;

    internal QueueEntry? Entries { get; set; }

    /// <summary>At how many nodes of the tree it is blocked.</summary>
    internal int BlockedAt { get; set; }

    /// <summary>Its place in the state's array of live requests.</summary>
    internal int Slot { get; set; }

    /// <summary>
    /// The body as it was after a command of an entry, for readers of past events while apply continues.
    /// </summary>
    internal byte[] BodyAt(long index, int ordinal) =>
        downgrade is { } later && (later.Index < index || (later.Index == index && later.Ordinal <= ordinal))
            ? later.Body
            : body;

    /// <summary>Turns writes into reads; false if there are none.</summary>
    internal bool TryDowngrade(long index, int ordinal, UInt128 nameHash)
    {
        if (LockBody.WithReadsOnly(Body) is not { } reads)
        {
            return false;
        }

        StaticHash = HashStatic(reads, nameHash);
        downgrade = new Downgrade(reads, index, ordinal);
        return true;
    }

    private UInt128 HashStatic(byte[] bytes, UInt128 nameHash)
    {
        // One value at a time: two that are joined beforehand could change together and cancel each other out.
        var hash = Hash128.With(Hash128.Of(bytes, Id), nameHash.Low());
        hash = Hash128.With(hash, Session.Value.Low());
        hash = Hash128.With(hash, Session.Value.High());
        hash = Hash128.With(hash, Session.Resumable ? 1UL : 0);
        hash = Hash128.With(hash, (ulong)AbandonTimeoutMs);
        hash = Hash128.With(hash, (ulong)WaitLimitMs);
        hash = Hash128.With(hash, (ulong)EnqueuedAtMs);
        return Principal.IsEmpty ? hash : Hash128.With(hash, Hash128.Of(Principal.Span, hash.High()).Low());
    }

    private ReadOnlyMemory<byte> Part(int wanted)
    {
        var reader = new ByteReader(body);
        ReadOnlySpan<byte> part = default;
        for (var i = 0; i <= wanted; i++)
        {
            reader.TryBlock(Limits.MaxLabelBytes, out part);
        }

        var end = body.Length - reader.Rest.Length;
        return body.AsMemory(end - part.Length, part.Length);
    }

    /// <summary>The second version of what it asks for, and the command that made it.</summary>
    private sealed record Downgrade(byte[] Body, long Index, int Ordinal);
}

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

    /// <summary>The part of the digest that a namespace's counter adds.</summary>
    public static UInt128 DigestPartOf(UInt128 nameHash, ulong lastId) => Hash128.With(nameHash, lastId);
}
