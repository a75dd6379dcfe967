// Which live requests of a namespace are wanted.
using RaftLocks.Node.Auth;
using RaftLocks.Node.History;
using RaftLocks.Node.Http;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Queries;

/// <summary>A page that is asked for.</summary>
/// <param name="Namespace">Name, UTF-8.</param>
/// <param name="Path">Only requests that have to do with this path; null for all.</param>
/// <param name="Scope">How they may lie to it.</param>
/// <param name="IsAcquired">Only holders, or only waiters; null for both.</param>
/// <param name="After">Begins behind this id.</param>
/// <param name="Limit">How many.</param>
/// <param name="Caller">Only what this caller may see.</param>
internal sealed record LocksQuery(
    byte[] Namespace,
    byte[][]? Path,
    PathScope Scope,
    bool? IsAcquired,
    ulong After,
    int Limit,
    Caller Caller
)
{
    /// <summary>Whether a request may be wanted; it goes on changing.</summary>
    public bool Wants(LockRequest request) =>
        (IsAcquired is not { } acquired || request.IsAcquired == acquired)
        && (Path is null || PathRelation.Touches(Path, Scope, request.Resources.GetEnumerator()))
        && Caller.MayObserve(request);

    /// <summary>Whether it is wanted as it stood.</summary>
    public bool Wants(in RequestView view) => IsAcquired is not { } acquired || view.IsAcquired == acquired;
}
