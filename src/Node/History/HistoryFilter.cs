// Which events are wanted.
using RaftLocks.Ledger;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Http;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.History;

/// <summary>A filter; what is null is not asked for.</summary>
internal sealed record HistoryFilter
{
    /// <summary>Name, UTF-8.</summary>
    public byte[]? Namespace { get; init; }

    /// <summary>Segments, UTF-8.</summary>
    public byte[][]? Path { get; init; }

    /// <summary>The relation of locked paths to <see cref="Path"/>.</summary>
    public PathScope Scope { get; init; } = PathScope.All;

    /// <summary>A request's number.</summary>
    public ulong? Id { get; init; }

    /// <summary>A session's public name.</summary>
    public UInt128? Session { get; init; }

    /// <summary>The earliest time, ms since 1970.</summary>
    public long FromMs { get; init; } = long.MinValue;

    /// <summary>The latest time, ms since 1970.</summary>
    public long ToMs { get; init; } = long.MaxValue;

    /// <summary>Only what this caller may read; null for everything.</summary>
    public Caller? Caller { get; init; }

    /// <summary>Whether an event is wanted.</summary>
    public bool Matches(in EventRecord told, long clockMs)
    {
        if (
            clockMs < FromMs
            || clockMs > ToMs
            || (Namespace is not null && !(told.HasRequest && told.Namespace.SequenceEqual(Namespace)))
        )
        {
            return false;
        }

        if (
            (Id is { } id && !(told.HasRequest && told.Id == id))
            || (Session is { } session && !(told.HasDetails && told.Session.Value == session))
        )
        {
            return false;
        }

        return MayRead(told) && IsAtPath(told);
    }

    private bool IsAtPath(in EventRecord told) =>
        Path is null
        || (
            told.HasDetails
            && LockBody.TryParse(told.Body, out var body)
            && PathRelation.Touches(Path, Scope, body.Resources)
        );

    // Changes of tokens and policies are for administrators. Of a request whose paths are not known only those read who
    // may read all of its namespace.
    private bool MayRead(in EventRecord told)
    {
        if (Caller?.Rights is not { } rights || ReferenceEquals(rights, Rights.All))
        {
            return true;
        }

        if (!told.HasRequest)
        {
            return !told.Kind.IsAuth() || rights.AllowsEverywhere(Verbs.Admin);
        }

        return told.HasDetails && LockBody.TryParse(told.Body, out var body)
            ? rights.AllowsAll(Verbs.History, told.Namespace, body.Resources)
            : rights.AllowsNamespace(Verbs.History, told.Namespace);
    }
}
