// POST /v1/explain: would a lock be acquired now, or why does a request wait? The whole chain of who must leave first,
// without entering the queue.
using RaftLocks.Api;
using RaftLocks.Node.Http;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Sessions;
using RaftLocks.Node.Sessions.Wire;

namespace RaftLocks.Node.Queries;

internal sealed class ExplainEndpoint(RaftNode node, ConnectionRules rules, LinearizableReadGate leader)
{
    public async Task HandleAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context);
        var question = ExplainParameters.Read(body, rules);
        if (body.Error is { } error)
        {
            await Responses.TextAsync(context, StatusCodes.Status400BadRequest, error);
            return;
        }

        await leader.HandleAsync(
            context,
            sessions => Look(question, sessions),
            view => Responses.JsonAsync(context, StatusCodes.Status200OK, view, ApiJson.Default.ExplainResponse)
        );
    }

    private ExplainResponse Look(ExplainParameters question, LeaderSessions sessions)
    {
        var (index, why) = node.Read(state =>
            (
                state.AppliedIndex,
                question.Resources is { } resources ? state.Explain(question.Namespace, resources)
                : state.FindRequest(question.Namespace, question.Id) is { } request ? state.Explain(request)
                : null
            )
        );
        if (why is null)
        {
            return new ExplainResponse(index, WouldBeGranted: false, RequestState.Gone, null, [], [], More: false);
        }

        return new ExplainResponse(
            index,
            why.IsAcquired,
            question.Resources is null ? RequestInfoMapper.StateOf(why.IsAcquired) : null,
            why.Place > 0 ? why.Place : null,
            RequestInfoMapper.Ids(why.BlockedBy),
            [.. why.Chain.Select(link => RequestInfoMapper.Of(link.View, sessions, link.BlockedBy))],
            why.HasMore
        );
    }
}
