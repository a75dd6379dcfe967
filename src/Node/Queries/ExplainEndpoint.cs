// POST /v1/explain: would a lock be acquired now, or why does a request wait? The whole chain of who must leave first,
// without entering the queue.
using RaftLocks.Api;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Http;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Sessions;
using RaftLocks.Node.Sessions.Wire;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Queries;

internal sealed class ExplainEndpoint(
    RaftNode node,
    ConnectionRules rules,
    LinearizableReadGate leader,
    Authenticator authenticator
)
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
            sessions => Look(question, sessions, authenticator.Of(context)),
            view =>
                view is null
                    ? Responses.TextAsync(context, StatusCodes.Status403Forbidden, NoRight.ToObserve)
                    : Responses.JsonAsync(context, StatusCodes.Status200OK, view, ApiJson.Default.ExplainResponse)
        );
    }

    private ExplainResponse? Look(ExplainParameters question, LeaderSessions sessions, Caller caller)
    {
        var (index, about, why) = node.Read(state =>
        {
            var about = question.Resources is null ? state.FindRequest(question.Namespace, question.Id) : null;
            var why =
                question.Resources is { } resources ? state.Explain(question.Namespace, resources)
                : about is not null ? state.Explain(about)
                : null;
            return (state.AppliedIndex, about, why);
        });
        if (!MayAsk(question, about, caller))
        {
            return null;
        }

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
            [.. why.Chain.Select(link => RequestInfoMapper.Of(link.View, sessions, caller, link.BlockedBy))],
            why.HasMore
        );
    }

    // Who may lock something, or see who holds it, may ask why it can't be had.
    private static bool MayAsk(ExplainParameters question, LockRequest? about, Caller caller)
    {
        var rights = caller.Rights;
        return question.Resources is { } resources
                ? rights.AllowsLock(question.Namespace, resources)
                    || rights.AllowsAll(Verbs.Observe, question.Namespace, resources.GetEnumerator())
            : about is not null ? caller.MayObserve(about)
            : rights.AllowsSome(Verbs.Observe, question.Namespace);
    }
}
