// Which events are wanted.
using RaftLocks.Ledger;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.History;

/// <summary>How a locked path may lie to the path that was asked for.</summary>
[Flags]
public enum PathScope
{
    /// <summary>It has nothing to do with it.</summary>
    None = 0,

    /// <summary>The path itself.</summary>
    Itself = 1,

    /// <summary>A path above it: locked there, it is locked too.</summary>
    Above = 2,

    /// <summary>A path beneath it.</summary>
    Beneath = 4,

    /// <summary>All that has to do with it.</summary>
    All = Itself | Above | Beneath,
}

/// <summary>A filter; what is null is not asked for.</summary>
internal sealed record HistoryFilter
{
    /// <summary>Name, UTF-8.</summary>
    public byte[]? Namespace { get; init; }

    /// <summary>Segments, UTF-8.</summary>
    public byte[][]? Path { get; init; }

    /// <summary>How locked paths may lie to <see cref="Path"/>.</summary>
    public PathScope Scope { get; init; } = PathScope.All;

    /// <summary>A request's number.</summary>
    public ulong? Id { get; init; }

    /// <summary>A session's public name.</summary>
    public UInt128? Session { get; init; }

    /// <summary>The earliest time, ms since 1970.</summary>
    public long FromMs { get; init; } = long.MinValue;

    /// <summary>The latest time, ms since 1970.</summary>
    public long ToMs { get; init; } = long.MaxValue;

    /// <summary>Whether an event is wanted.</summary>
    public bool Matches(in ToldEvent told, long clockMs)
    {
        if (clockMs < FromMs || clockMs > ToMs || (Namespace is not null && !(told.HasRequest && told.Namespace.SequenceEqual(Namespace))))
        {
            return false;
        }

        if ((Id is { } id && !(told.HasRequest && told.Id == id)) || (Session is { } session && !(told.HasDetails && told.Session.Value == session)))
        {
            return false;
        }

        return Path is null || (told.HasDetails && LockBody.TryParse(told.Body, out var body) && PathRelation.Touches(Path, Scope, body.Resources));
    }
}
