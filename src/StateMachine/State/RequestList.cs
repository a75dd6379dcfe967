// The live requests of a namespace in id order, page by page. The state stands still for one page only, so the request
// at which a page ended may be gone when the next one begins. Then the first younger one is searched from three sides
// at once: from either end of the list, and by trying the ids that follow. The nearest decides the cost. Even that is
// bounded: if none is found, the page is empty and says up to which id it has searched.
using RaftLocks.StateMachine.Queues;

namespace RaftLocks.StateMachine.State;

/// <summary>A page of a namespace's live requests.</summary>
/// <param name="Count">How many were written.</param>
/// <param name="After">The id behind which the next page begins.</param>
/// <param name="IsLast">Whether there are no younger ones.</param>
public readonly record struct RequestPage(int Count, ulong After, bool IsLast);

internal static class RequestList
{
    public static RequestPage Read(NamespaceState space, LiveRequests live, ulong after, Span<LockRequest> page)
    {
        var next = FirstBehind(space, live, after, out var tried);
        if (next is null)
        {
            return new RequestPage(0, tried, IsLast: tried >= space.LastId);
        }

        var count = 0;
        for (; next is not null && count < page.Length; next = next.Younger)
        {
            page[count++] = next;
        }

        return count == 0
            ? new RequestPage(0, after, IsLast: false)
            : new RequestPage(count, page[count - 1].Id, IsLast: next is null);
    }

    private static LockRequest? FirstBehind(NamespaceState space, LiveRequests live, ulong after, out ulong tried)
    {
        tried = after;
        if (space.Youngest is not { } youngest || youngest.Id <= after)
        {
            tried = space.LastId;
            return null;
        }

        if (live.Find(space, after) is { } known)
        {
            return known.Younger;
        }

        var (fromOldest, fromYoungest) = (space.Oldest!, youngest);
        for (var steps = 0; steps < Limits.MaxStepsPerPage; steps++)
        {
            // The youngest is beyond, so both walks meet an end of theirs, and so do the numbers.
            if (fromOldest.Id > after)
            {
                return fromOldest;
            }

            if (fromYoungest.Older is not { } older || older.Id <= after)
            {
                return fromYoungest;
            }

            if (live.Find(space, ++tried) is { } found)
            {
                return found;
            }

            (fromOldest, fromYoungest) = (fromOldest.Younger!, older);
        }

        return null;
    }
}
