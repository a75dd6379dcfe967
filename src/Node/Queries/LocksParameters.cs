// Which live requests are wanted, and what to say when the parameters make no sense.
using RaftLocks.Node.History;
using RaftLocks.Node.Http;
using RaftLocks.Protocol;
using RaftLocks.StateMachine;
using Limits = RaftLocks.Node.Settings.Limits;

namespace RaftLocks.Node.Queries;

/// <summary>A page that is asked for.</summary>
/// <param name="Namespace">Name, UTF-8.</param>
/// <param name="Path">Only requests that have to do with this path; null for all.</param>
/// <param name="Scope">How they may lie to it.</param>
/// <param name="IsAcquired">Only holders, or only waiters; null for both.</param>
/// <param name="After">Begins behind this id.</param>
/// <param name="Limit">How many.</param>
internal sealed record LocksQuery(byte[] Namespace, byte[][]? Path, PathScope Scope, bool? IsAcquired, ulong After, int Limit)
{
    /// <summary>Whether a request may be wanted; it goes on changing.</summary>
    public bool Wants(LockRequest request) =>
        (IsAcquired is not { } acquired || request.IsAcquired == acquired)
        && (Path is null || PathRelation.Touches(Path, Scope, request.Resources.GetEnumerator()));

    /// <summary>Whether it is wanted as it stood.</summary>
    public bool Wants(in RequestView view) => IsAcquired is not { } acquired || view.IsAcquired == acquired;
}

internal sealed class LocksParameters(HttpRequest request, MessageLimits limits) : QueryParameters(request.Query)
{
    private readonly string? rawQuery = request.QueryString.Value;

    public LocksQuery Query()
    {
        OnlyKnown(["namespace", "path", "scope", "state", "limit", "cursor"]);
        return new LocksQuery(
            Namespace(rawQuery, limits), Path(), Scope(), IsAcquired(), Text("cursor") is { } cursor ? Id("cursor", cursor) : 0, Number("limit", Limits.DefaultListed, 1, Limits.MaxListed));
    }

    private bool? IsAcquired() => Text("state") switch
    {
        null => null,
        Row.Acquired => true,
        Row.Enqueued => false,
        _ => Wrong("'state' is acquired or enqueued.", otherwise: (bool?)null),
    };
}
