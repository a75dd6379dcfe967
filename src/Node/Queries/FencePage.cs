// GET /v1/fence?namespace=N&id=I: whether a request still holds, and what. Advisory: between this answer and whatever is done about it the lock
// may pass on; a store that compares tokens is what makes it safe.
using RaftLocks.Node.History;
using RaftLocks.Node.Http;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Sessions;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Queries;

internal sealed class FencePage(RaftNode node, ConnectionRules rules, LeaderAnswers leader)
{
    public Task HandleAsync(HttpContext context)
    {
        var parameters = new QueryParameters(context.Request.Query);
        parameters.OnlyKnown(["namespace", "id"]);
        var space = parameters.Namespace(context.Request.QueryString.Value, rules.MessageLimits);
        var id = parameters.Text("id") is { } text ? parameters.Id("id", text) : parameters.Wrong("'id' is missing: the number of the request, as its lock was answered.", 0UL);
        return parameters.Mistake is { } mistake
            ? Answer.TextAsync(context, StatusCodes.Status400BadRequest, mistake)
            : leader.HandleAsync(
                context,
                _ => Look(space, id),
                view => Answer.JsonAsync(context, StatusCodes.Status200OK, view, QueryShapes.Default.FenceView));
    }

    private FenceView Look(byte[] space, ulong id)
    {
        var (index, isLive, isAcquired, resources) = node.Read(state => state.FindRequest(space, id) is { } request
            ? (state.AppliedIndex, true, request.IsAcquired, request.Resources)
            : (state.AppliedIndex, false, false, default));
        IReadOnlyList<HistoryResource> locked = isLive ? Row.Resources(resources) : [];
        return new FenceView(Row.Text(space), Row.Id(id), isLive ? Row.StateOf(isAcquired) : Row.Gone, isAcquired, locked, index);
    }
}
