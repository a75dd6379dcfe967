// The query parameters of GET /v1/locks, and what to say when they make no sense.
using RaftLocks.Api;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Protocol;

namespace RaftLocks.Node.Queries;

internal sealed class LocksParameters(HttpRequest request, MessageLimits limits) : QueryParameters(request.Query)
{
    private readonly string? rawQuery = request.QueryString.Value;

    public LocksQuery Query(Caller caller)
    {
        OnlyKnown(["namespace", "path", "scope", "state", "limit", "cursor"]);
        return new LocksQuery(
            Namespace(rawQuery, limits),
            Path(),
            Scope(),
            IsAcquired(),
            Text("cursor") is { } cursor ? Id("cursor", cursor) : 0,
            Number("limit", Limits.DefaultListed, 1, Limits.MaxListed),
            caller
        );
    }

    private bool? IsAcquired() =>
        Text("state") switch
        {
            null => null,
            RequestState.Acquired => true,
            RequestState.Enqueued => false,
            _ => AddError("'state' is acquired or enqueued.", otherwise: (bool?)null),
        };
}
