// No lock is lost that the abandon timeout allows to keep: a client with a session that comes back in time finds its
// lock, or its place. How long its server has missed it, a client can't know; not for longer than since it last heard
// of it, so what is counted runs from there.
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Checkers;

/// <summary>Checks the clients that came back and had nothing any more.</summary>
public static class SessionCheck
{
    /// <summary>Returns all violations.</summary>
    public static IEnumerable<Violation> Check(IEnumerable<Request> history) =>
        from request in history
        where request.GoneAt - request.LastHeardAt < request.AbandonTimeoutMs
        select new Violation("a session keeps what it has", request.ToString());
}
