// The right that a route needs, declared where the route is mapped. A route without one is refused where rights are
// asked for, and a test finds it.
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Auth;

/// <summary>Where a right must hold.</summary>
internal enum RightScope
{
    /// <summary>No right is needed.</summary>
    Open,

    /// <summary>Somewhere. The route itself tells and does only what the caller may see and do.</summary>
    Somewhere,

    /// <summary>On all paths of all namespaces.</summary>
    Everywhere,

    /// <summary>The route has a check of its own, that no token stands in for.</summary>
    Own,
}

/// <summary>What a route needs.</summary>
/// <param name="Verbs">One of these verbs.</param>
/// <param name="Scope">Where.</param>
/// <param name="IsLeaders">Whether the leader answers. A node that does not lead sends to it whoever it does not know:
/// the token may be too new for it.</param>
internal sealed record RouteRight(Verbs Verbs, RightScope Scope, bool IsLeaders)
{
    /// <summary>For everybody: it tells neither paths nor labels.</summary>
    public static readonly RouteRight Open = new(Verbs.None, RightScope.Open, IsLeaders: false);

    /// <summary>To connect as a client.</summary>
    public static readonly RouteRight Lock = new(
        Verbs.LockRead | Verbs.LockWrite,
        RightScope.Somewhere,
        IsLeaders: true
    );

    /// <summary>To see who holds and who waits.</summary>
    public static readonly RouteRight Observe = new(Verbs.Observe, RightScope.Somewhere, IsLeaders: true);

    /// <summary>To ask why a lock waits, or would wait.</summary>
    public static readonly RouteRight Explain = new(
        Verbs.Observe | Verbs.LockRead | Verbs.LockWrite,
        RightScope.Somewhere,
        IsLeaders: true
    );

    /// <summary>To take locks away.</summary>
    public static readonly RouteRight Revoke = new(Verbs.Revoke, RightScope.Somewhere, IsLeaders: true);

    /// <summary>To ask what one may do: for everybody who may do anything.</summary>
    public static readonly RouteRight Any = new(Verbs.All, RightScope.Somewhere, IsLeaders: true);

    /// <summary>To read what happened.</summary>
    public static readonly RouteRight History = new(Verbs.History, RightScope.Somewhere, IsLeaders: false);

    /// <summary>To take a whole journal away.</summary>
    public static readonly RouteRight Export = new(Verbs.Admin, RightScope.Everywhere, IsLeaders: false)
    {
        IsAudited = true,
    };

    /// <summary>To administer, wherever that is answered.</summary>
    public static readonly RouteRight AdminHere = new(Verbs.Admin, RightScope.Everywhere, IsLeaders: false);

    /// <summary>To administer, on the leader.</summary>
    public static readonly RouteRight Admin = new(Verbs.Admin, RightScope.Everywhere, IsLeaders: true);

    /// <summary>To administer, on the leader, where the audit log tells of it whatever the route itself does.</summary>
    public static readonly RouteRight AuditedAdmin = Admin with { IsAudited = true };

    /// <summary>To initialise authentication.</summary>
    public static readonly RouteRight Own = new(Verbs.None, RightScope.Own, IsLeaders: false);

    private static readonly RouteRight Undeclared = new(Verbs.None, RightScope.Everywhere, IsLeaders: false);

    /// <summary>Whether the audit log tells of each answer that was no refusal.</summary>
    public bool IsAudited { get; private init; }

    /// <summary>What an endpoint needs.</summary>
    public static RouteRight Of(Endpoint endpoint) => endpoint.Metadata.GetMetadata<RouteRight>() ?? Undeclared;

    /// <summary>Whether these rights are enough.</summary>
    public bool IsIn(Rights rights) =>
        Scope switch
        {
            RightScope.Open or RightScope.Own => true,
            RightScope.Somewhere => rights.AllowsAnywhere(Verbs),
            _ => Verbs != Verbs.None && rights.AllowsEverywhere(Verbs),
        };
}

/// <summary>Declares rights.</summary>
internal static class RouteRights
{
    /// <summary>Says what a route needs.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder route, RouteRight right)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(right);
}
