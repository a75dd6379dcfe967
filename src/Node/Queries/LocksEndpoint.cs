// GET /v1/locks: who holds and who waits in a namespace, in id order, page by page. The state stands still for a few
// hundred requests at a time, so a page is no picture of one moment: each request on it is told as it was at the page's
// index or later.
using System.Globalization;
using RaftLocks.Api;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Sessions;
using RaftLocks.Node.Sessions.Wire;
using RaftLocks.StateMachine.Queues;

namespace RaftLocks.Node.Queries;

internal sealed class LocksEndpoint(
    RaftNode node,
    ConnectionRules rules,
    LinearizableReadGate leader,
    Authenticator authenticator
)
{
    private const int RequestsPerLook = 256;

    // Each position in the queue is counted in the queues.
    private const int PlacesPerLook = 16;

    public Task HandleAsync(HttpContext context)
    {
        var parameters = new LocksParameters(context.Request, rules.MessageLimits);
        var query = parameters.Query(authenticator.Of(context));
        return parameters.Error is { } error
            ? Responses.TextAsync(context, StatusCodes.Status400BadRequest, error)
            : leader.HandleAsync(
                context,
                sessions => Look(query, sessions),
                view => Responses.JsonAsync(context, StatusCodes.Status200OK, view, ApiJson.Default.LocksResponse)
            );
    }

    private LocksResponse Look(LocksQuery query, LeaderSessions sessions)
    {
        var index = node.Read(static state => state.AppliedIndex);
        var rows = new List<RequestInfo>();
        var wanted = new List<LockRequest>();
        var page = new LockRequest[RequestsPerLook];
        var (after, isLast) = (query.After, false);
        for (
            var looks = 0;
            rows.Count < query.Limit && !isLast && looks < Limits.MaxRequestsPerQuery / RequestsPerLook;
            looks++
        )
        {
            var read = node.Read(state => state.ReadRequests(query.Namespace, after, page));
            (after, isLast) = (read.After, read.IsLast);
            wanted.Clear();
            for (var i = 0; i < read.Count; i++)
            {
                if (!query.Wants(page[i]))
                {
                    continue;
                }

                wanted.Add(page[i]);
                if (rows.Count + wanted.Count == query.Limit)
                {
                    isLast &= i + 1 == read.Count;
                    after = page[i].Id;
                    break;
                }
            }

            foreach (var some in wanted.Chunk(PlacesPerLook))
            {
                // A request that has ended or changed meanwhile is left out.
                foreach (var view in node.Read(state => Array.ConvertAll(some, state.View)))
                {
                    if (view is { } known && query.Wants(known))
                    {
                        rows.Add(RequestInfoMapper.Of(known, sessions, query.Caller));
                    }
                }
            }
        }

        return new LocksResponse(index, rows, !isLast, isLast ? null : after.ToString(CultureInfo.InvariantCulture));
    }
}
