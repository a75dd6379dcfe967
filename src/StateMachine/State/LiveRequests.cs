// All live requests: a dense list that can be frozen in microseconds, and two hash tables, by id and by session,
// whose links are in the requests themselves: no keys are copied, and nothing is allocated for an entry. Those of a namespace are linked in
// id order too, for whoever lists them.
using System.Numerics;

namespace RaftLocks.StateMachine;

/// <summary>A live request, and when it was granted: the one thing about it that changes, as it was when the list was frozen.</summary>
internal readonly record struct LiveSlot(LockRequest Request, long GrantedAtMs);

internal sealed class LiveRequests
{
    private readonly FreezableList<LiveSlot> slots = new();
    private LockRequest?[] byId = new LockRequest?[16];
    private LockRequest?[] bySession = new LockRequest?[16];

    public int Count => slots.Count;

    /// <summary>Those that are acquired.</summary>
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
        var request = bySession[Bucket(owner, session)];
        while (request is not null && !IsOf(request, owner, session, channel))
        {
            request = request.NextBySession;
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
        slots.Add(new LiveSlot(request, request.GrantedAtMs));
        request.Owner.LiveCount++;
        Queue(request);
    }

    /// <summary>Whether a request is live in this very state.</summary>
    public bool Contains(LockRequest request) => request.Slot < Count && ReferenceEquals(slots[request.Slot].Request, request);

    public void MarkGranted(LockRequest request, long clockMs)
    {
        request.GrantedAtMs = clockMs;
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

    private static bool IsOf(LockRequest request, NamespaceState owner, SessionId session, ReadOnlySpan<byte> channel) =>
        request.Session == session && ReferenceEquals(request.Owner, owner) && request.ChannelBytes.SequenceEqual(channel);

    // Many namespaces give the same ids: each starts somewhere else. Neighbouring ids get neighbouring buckets, kind to the cache.
    private int Bucket(NamespaceState owner, ulong id) => (int)((uint)id + owner.Hash) & (byId.Length - 1);

    private int Bucket(NamespaceState owner, SessionId session) =>
        (int)(((session.Value.Low() ^ session.Value.High() ^ owner.Hash) * 0x9E37_79B9_7F4A_7C15) >> 33) & (bySession.Length - 1);

    private void Link(LockRequest request)
    {
        ref var first = ref byId[Bucket(request.Owner, request.Id)];
        request.NextById = first;
        first = request;
        first = ref bySession[Bucket(request.Owner, request.Session)];
        request.NextBySession = first;
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
        link = ref bySession[Bucket(request.Owner, request.Session)];
        while (!ReferenceEquals(link, request))
        {
            link = ref link!.NextBySession;
        }

        link = request.NextBySession;
        request.NextById = request.NextBySession = null;
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
        bySession = new LockRequest?[buckets];
        for (var i = 0; i < Count; i++)
        {
            Link(slots[i].Request);
        }
    }
}
