// All live requests: dense arrays, so that a consistent copy of a million takes milliseconds, and two hash tables, by id and by session,
// whose links are in the requests themselves: no keys are copied, and nothing is allocated for an entry.
namespace RaftLocks.StateMachine;

internal sealed class LiveRequests
{
    private LockRequest?[] byId = new LockRequest?[16];
    private LockRequest?[] bySession = new LockRequest?[16];
    private LockRequest[] requests = new LockRequest[16];
    private long[] grantedAtMs = new long[16];

    public int Count { get; private set; }

    public ReadOnlySpan<LockRequest> Requests => requests.AsSpan(0, Count);

    public ReadOnlySpan<long> GrantedAtMs => grantedAtMs.AsSpan(0, Count);

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

    /// <summary>Adds a request whose session has no live one on its channel.</summary>
    public void Add(LockRequest request)
    {
        if (Count == requests.Length)
        {
            Grow();
        }

        Link(request);
        request.Slot = Count;
        requests[Count] = request;
        grantedAtMs[Count] = request.GrantedAtMs;
        Count++;
        request.Owner.LiveCount++;
    }

    public void MarkGranted(LockRequest request, long clockMs)
    {
        request.GrantedAtMs = clockMs;
        grantedAtMs[request.Slot] = clockMs;
        request.Owner.AcquiredCount++;
    }

    public void Remove(LockRequest request)
    {
        Unlink(request);
        Count--;
        var last = requests[Count];
        requests[request.Slot] = last;
        grantedAtMs[request.Slot] = grantedAtMs[Count];
        last.Slot = request.Slot;
        requests[Count] = null!;
        request.Owner.LiveCount--;
        request.Owner.AcquiredCount -= request.IsAcquired ? 1 : 0;
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

    private void Grow()
    {
        Array.Resize(ref requests, Count * 2);
        Array.Resize(ref grantedAtMs, Count * 2);
        byId = new LockRequest?[requests.Length];
        bySession = new LockRequest?[requests.Length];
        foreach (var request in Requests)
        {
            Link(request);
        }
    }
}
