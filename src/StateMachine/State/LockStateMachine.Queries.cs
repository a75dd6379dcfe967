// Queries: who is live, and who waits for whom. They change nothing and cost a bounded number of steps, whatever is
// held or waits. They must not run on several threads at once: they share scratch space.
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.State;

public sealed partial class LockStateMachine
{
    private readonly BlockerSearch blockers;

    /// <summary>
    /// Tells cursors of different machines apart: a place in the list of namespaces means nothing to another.
    /// </summary>
    public uint NamespaceListTag { get; }

    /// <summary>
    /// A page of a namespace's live requests, in id order. In a namespace where nothing lives it is empty and the last
    /// one.
    /// </summary>
    /// <param name="name">The namespace.</param>
    /// <param name="after">Begins behind this id; 0 for the first page.</param>
    /// <param name="page">Filled from its start on.</param>
    public RequestPage ReadRequests(ReadOnlySpan<byte> name, ulong after, Span<LockRequest> page) =>
        namespaces.Find(name) is { } space
            ? RequestList.Read(space, live, after, page)
            : new RequestPage(0, after, IsLast: true);

    /// <summary>
    /// Adds namespaces, about so many or fewer, in no particular order; each that is there all the while is met once.
    /// </summary>
    /// <param name="from">The position to continue from; 0 to begin.</param>
    /// <param name="about">How many.</param>
    /// <param name="found">The list that they are added to.</param>
    /// <returns>The position to continue from, or -1 behind the last.</returns>
    public long ReadNamespaces(long from, int about, ICollection<ListedNamespace> found)
    {
        var next = from is >= 0 and < HashOrder.End ? namespaces.Collect(from, about, found) : HashOrder.End;
        return next < HashOrder.End ? next : -1;
    }

    /// <summary>A live request with its position in the queue; null if it has ended.</summary>
    public RequestView? View(LockRequest request)
    {
        var budget = Limits.MaxEntriesPerPlace;
        return live.Contains(request) ? View(request, ref budget) : null;
    }

    /// <summary>
    /// Its position in the queue: 1 and the older requests that wait too and that it conflicts with, counted up to
    /// <see cref="Limits.MaxPlace"/>. 0 if it is acquired or has ended. Looks at
    /// <see cref="Limits.MaxEntriesPerPlace"/> queue entries at most; beyond them it may be more.
    /// </summary>
    public int PositionOf(LockRequest request)
    {
        var budget = Limits.MaxEntriesPerPlace;
        return IsWaiting(request) ? PositionOf(request, ref budget) : 0;
    }

    /// <summary>The oldest request that it waits for; null if it is acquired or has ended. A few steps.</summary>
    public LockRequest? FirstBlockerOf(LockRequest request)
    {
        if (!IsWaiting(request))
        {
            return null;
        }

        blockers.Of(request);
        return blockers.Oldest();
    }

    /// <summary>Why a request waits; null if it has ended.</summary>
    public Explanation? Explain(LockRequest request)
    {
        if (!live.Contains(request))
        {
            return null;
        }

        if (request.IsAcquired)
        {
            return Explanation.Granted;
        }

        blockers.Of(request);
        return ExplainBlockers();
    }

    /// <summary>Whether a request for these resources would be acquired now, and why not.</summary>
    public Explanation Explain(ReadOnlySpan<byte> name, ResourceSet resources)
    {
        if (namespaces.Find(name) is not { LiveCount: > 0 } space)
        {
            return Explanation.Granted;
        }

        blockers.Of(space, resources);
        return blockers.Oldest() is null ? Explanation.Granted : ExplainBlockers();
    }

    private Explanation ExplainBlockers()
    {
        var budget = Limits.MaxEntriesPerPlace;
        var direct = blockers.OldestIds();
        var place = 1 + blockers.CountWaiting(ref budget);
        var found = new Dictionary<ulong, LockRequest>();
        budget = Limits.MaxEntriesPerChain;
        var isWhole = Collect(found, ref budget);
        var chain = new List<ChainLink>(found.Count);
        budget = Limits.MaxEntriesPerChain;
        foreach (var (_, request) in found.OrderBy(static pair => pair.Key))
        {
            var view = View(request, ref budget);
            chain.Add(new ChainLink(view, view.IsAcquired ? [] : blockers.OldestIds()));
        }

        return new Explanation(IsAcquired: false, direct, place, chain, !isWhole);
    }

    /// <summary>
    /// Finds all blockers, and the blockers of those. It goes from young to old, so that a list need not be read again
    /// for an older request: what blocks the older one blocks the younger one too.
    /// </summary>
    private bool Collect(Dictionary<ulong, LockRequest> found, ref int budget)
    {
        var todo = new PriorityQueue<LockRequest, ulong>();
        var explored = new HashSet<(PathNode, LockMode)>();
        var isWhole = blockers.TryCollect(found, todo, explored, Limits.MaxChain, ref budget);
        while (isWhole && todo.TryDequeue(out var next, out _))
        {
            if (!next.IsAcquired)
            {
                blockers.Of(next);
                isWhole = blockers.TryCollect(found, todo, explored, Limits.MaxChain, ref budget);
            }
        }

        return isWhole;
    }

    private bool IsWaiting(LockRequest request) => !request.IsAcquired && live.Contains(request);

    private int PositionOf(LockRequest request, ref int budget)
    {
        blockers.Of(request);
        return 1 + blockers.CountWaiting(ref budget);
    }

    private RequestView View(LockRequest request, ref int budget)
    {
        if (request.IsAcquired)
        {
            return new RequestView(request, request.AcquiredAtMs, request.Resources, 0, 0);
        }

        var isCounted = budget > 0;
        var place = PositionOf(request, ref budget);
        return new RequestView(request, -1, request.Resources, isCounted ? place : -1, blockers.Oldest()?.Id ?? 0);
    }
}
