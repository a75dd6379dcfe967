// All live requests: a dense list that can be frozen in microseconds, and two hash tables, by id and by session and
// channel, whose links are in the requests themselves: no keys are copied, and nothing is allocated for an entry. Those
// of a namespace are linked in id order too, for lists.
using System.Numerics;
using RaftLocks.StateMachine.Primitives;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.State;

/// <summary>
/// A live request, and when it was acquired: the one thing about it that changes, as it was when the list was frozen.
/// </summary>
internal readonly record struct LiveSlot(LockRequest Request, long AcquiredAtMs);

internal sealed class LiveRequests
{
    private readonly FreezableList<LiveSlot> slots = new();
    private LockRequest?[] byId = new LockRequest?[16];
    private LockRequest?[] byChannel = new LockRequest?[16];

    public int Count => slots.Count;

    /// <summary>The number of acquired requests.</summary>
    public int AcquiredCount { get; private set; }

    public FrozenList<LiveSlot> Freeze() => slots.Freeze();

    public LockRequest? Find(NamespaceState owner, ulong id)
    {
        var request = byId[Bucket(owner, id)];
        while (request is not null && (request.Id != id || !ReferenceEquals(request.Owner, owner)))
        {
            request = request.NextById;
        }

        return request;
    }

    public LockRequest? Find(NamespaceState owner, SessionId session, ReadOnlySpan<byte> channel)
    {
        var request = byChannel[Bucket(owner, session, channel)];
        while (request is not null && !IsOf(request, owner, session, channel))
        {
            request = request.NextByChannel;
        }

        return request;
    }

    /// <summary>Makes room for so many, so that the tables need not grow step by step.</summary>
    public void Reserve(int count)
    {
        if (count > byId.Length)
        {
            Resize((int)BitOperations.RoundUpToPowerOf2((uint)count));
        }
    }

    /// <summary>Adds a request whose session has no live one on its channel.</summary>
    public void Add(LockRequest request)
    {
        if (Count == byId.Length)
        {
            Resize(Count * 2);
        }

        Link(request);
        request.Slot = Count;
        slots.Add(new LiveSlot(request, request.AcquiredAtMs));
        request.Owner.LiveCount++;
        Queue(request);
    }

    /// <summary>Whether a request is live in this very state.</summary>
    public bool Contains(LockRequest request) =>
        request.Slot < Count && ReferenceEquals(slots[request.Slot].Request, request);

    public void MarkAcquired(LockRequest request, long clockMs)
    {
        request.AcquiredAtMs = clockMs;
        slots.Change(request.Slot) = new LiveSlot(request, clockMs);
        request.Owner.AcquiredCount++;
        AcquiredCount++;
    }

    public void Remove(LockRequest request)
    {
        Unlink(request);
        Unqueue(request);
        if (request.Slot < Count - 1)
        {
            var last = slots[Count - 1];
            slots.Change(request.Slot) = last;
            last.Request.Slot = request.Slot;
        }

        slots.RemoveLast();
        request.Owner.LiveCount--;
        if (request.IsAcquired)
        {
            request.Owner.AcquiredCount--;
            AcquiredCount--;
        }
    }

    private static bool IsOf(
        LockRequest request,
        NamespaceState owner,
        SessionId session,
        ReadOnlySpan<byte> channel
    ) =>
        request.Session == session
        && ReferenceEquals(request.Owner, owner)
        && request.ChannelBytes.SequenceEqual(channel);

    // Many namespaces give the same ids, so each starts at another bucket. Neighbouring ids get neighbouring buckets,
    // which is good for the cache.
    private int Bucket(NamespaceState owner, ulong id) => (int)((uint)id + owner.Hash) & (byId.Length - 1);

    // The channel counts too: a session may have tens of thousands of them, and each must find its own at once.
    private int Bucket(NamespaceState owner, SessionId session, ReadOnlySpan<byte> channel)
    {
        var hash = (uint)(((session.Value.Low() ^ session.Value.High() ^ owner.Hash) * 0x9E37_79B9_7F4A_7C15) >> 33);
        return (int)(channel.IsEmpty ? hash : Hash128.OfSegment(channel, hash)) & (byChannel.Length - 1);
    }

    private void Link(LockRequest request)
    {
        ref var first = ref byId[Bucket(request.Owner, request.Id)];
        request.NextById = first;
        first = request;
        first = ref byChannel[Bucket(request.Owner, request.Session, request.ChannelBytes)];
        request.NextByChannel = first;
        first = request;
    }

    private void Unlink(LockRequest request)
    {
        ref var link = ref byId[Bucket(request.Owner, request.Id)];
        while (!ReferenceEquals(link, request))
        {
            link = ref link!.NextById;
        }

        link = request.NextById;
        link = ref byChannel[Bucket(request.Owner, request.Session, request.ChannelBytes)];
        while (!ReferenceEquals(link, request))
        {
            link = ref link!.NextByChannel;
        }

        link = request.NextByChannel;
        request.NextById = request.NextByChannel = null;
    }

    // Ids only ever grow, so the youngest stands at the end.
    private static void Queue(LockRequest request)
    {
        var space = request.Owner;
        request.Older = space.Youngest;
        if (space.Youngest is { } before)
        {
            before.Younger = request;
        }
        else
        {
            space.Oldest = request;
        }

        space.Youngest = request;
    }

    // Its own links are cut too: an ended request that somebody still holds must not keep others in memory.
    private static void Unqueue(LockRequest request)
    {
        if (request.Older is { } older)
        {
            older.Younger = request.Younger;
        }
        else
        {
            request.Owner.Oldest = request.Younger;
        }

        if (request.Younger is { } younger)
        {
            younger.Older = request.Older;
        }
        else
        {
            request.Owner.Youngest = request.Older;
        }

        request.Older = request.Younger = null;
    }

    private void Resize(int buckets)
    {
        byId = new LockRequest?[buckets];
        byChannel = new LockRequest?[buckets];
        for (var i = 0; i < Count; i++)
        {
            Link(slots[i].Request);
        }
    }
}
