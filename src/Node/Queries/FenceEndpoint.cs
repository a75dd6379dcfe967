// GET /v1/fence?namespace=N&id=I: whether a request still holds, and what. Advisory: between this answer and whatever
// is done about it the lock may pass on; a store that compares tokens is what makes it safe.
using RaftLocks.Api;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Http;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Sessions.Wire;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Queries;

internal sealed class FenceEndpoint(
    RaftNode node,
    ConnectionRules rules,
    LinearizableReadGate leader,
    Authenticator authenticator
)
{
    public Task HandleAsync(HttpContext context)
    {
        var parameters = new QueryParameters(context.Request.Query);
        parameters.OnlyKnown(["namespace", "id"]);
        var space = parameters.Namespace(context.Request.QueryString.Value, rules.MessageLimits);
        var id = parameters.Text("id") is { } text
            ? parameters.Id("id", text)
            : parameters.AddError("'id' is missing: the number of the request, as its lock was answered.", 0UL);
        return parameters.Error is { } error
            ? Responses.TextAsync(context, StatusCodes.Status400BadRequest, error)
            : leader.HandleAsync(
                context,
                _ => Look(space, id, authenticator.Of(context)),
                view =>
                    view is null
                        ? Responses.TextAsync(context, StatusCodes.Status403Forbidden, NoRight.ToObserve)
                        : Responses.JsonAsync(context, StatusCodes.Status200OK, view, ApiJson.Default.FenceResponse)
            );
    }

    private FenceResponse? Look(byte[] space, ulong id, Caller caller)
    {
        var (index, request, isAcquired, resources) = node.Read(state =>
            state.FindRequest(space, id) is { } found
                ? (state.AppliedIndex, found, found.IsAcquired, found.Resources)
                : (state.AppliedIndex, null, false, default)
        );
        if (request is null ? !caller.Rights.AllowsSome(Verbs.Observe, space) : !caller.MayObserve(request))
        {
            return null;
        }

        var isLive = request is not null;
        IReadOnlyList<Resource> locked = isLive ? RequestInfoMapper.Resources(resources) : [];
        var state = isLive ? RequestInfoMapper.StateOf(isAcquired) : RequestState.Gone;
        return new FenceResponse(
            RequestInfoMapper.Text(space),
            RequestInfoMapper.Id(id),
            state,
            isAcquired,
            locked,
            index
        );
    }
}
