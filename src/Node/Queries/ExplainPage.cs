// POST /v1/explain: would a lock be granted now, or why does a request wait? The whole chain of who must leave first, without entering the queue.
using RaftLocks.Node.Http;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Sessions;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Queries;

internal sealed class ExplainPage(RaftNode node, ConnectionRules rules, LeaderAnswers leader)
{
    public async Task HandleAsync(HttpContext context)
    {
        var body = await QuestionBody.ReadAsync(context);
        var question = ExplainQuestion.Read(body, rules);
        if (body.Mistake is { } mistake)
        {
            await Answer.TextAsync(context, StatusCodes.Status400BadRequest, mistake);
            return;
        }

        await leader.HandleAsync(
            context,
            sessions => Look(question, sessions),
            view => Answer.JsonAsync(context, StatusCodes.Status200OK, view, QueryShapes.Default.ExplainView));
    }

    private ExplainView Look(ExplainQuestion question, LeaderSessions sessions)
    {
        var (index, why) = node.Read(state => (state.AppliedIndex, question.Resources is { } resources
            ? state.Explain(question.Namespace, resources)
            : state.FindRequest(question.Namespace, question.Id) is { } request ? state.Explain(request) : null));
        if (why is null)
        {
            return new ExplainView(index, WouldBeGranted: false, Row.Gone, null, [], [], More: false);
        }

        return new ExplainView(
            index,
            why.IsGranted,
            question.Resources is null ? Row.StateOf(why.IsGranted) : null,
            why.Place > 0 ? why.Place : null,
            Row.Ids(why.BlockedBy),
            [.. why.Chain.Select(link => Row.Of(link.View, sessions, link.BlockedBy))],
            why.HasMore);
    }
}
