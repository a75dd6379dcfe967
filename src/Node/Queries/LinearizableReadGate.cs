// Queries whose answer must be true: only the leader answers, and only what it still knew to be the leader after it
// had looked. A lease that is valid after the look says that until then nobody else can have been elected; so what was
// seen was the newest there was. (Before the look it would say less: the process may pause in between.)
using RaftLocks.Node.Auth;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Routing;
using RaftLocks.Node.Sessions;

namespace RaftLocks.Node.Queries;

internal sealed class LinearizableReadGate(
    SessionRegistry registry,
    LeaderRoute route,
    Authenticator authenticator,
    TimeProvider time
) : IDisposable
{
    // The locks need the processor more than the queries do.
    private readonly PacedTurn turn = new(time);

    /// <summary>The queries that are answered or wait.</summary>
    public ReaderLimit Queries { get; } = new(Limits.MaxQueries, Limits.MaxQueriesOfReader);

    /// <summary>Answers here, or sends the client to the leader.</summary>
    /// <param name="context">The request.</param>
    /// <param name="look">Looks at the state, as often as it takes.</param>
    /// <param name="tell">Tells what was seen.</param>
    public async Task HandleAsync<T>(HttpContext context, Func<LeaderSessions, T> look, Func<T, Task> tell)
    {
        if (registry.Current is not { } sessions)
        {
            await route.SendAsync(context);
            return;
        }

        var reader = authenticator.ReaderOf(context);
        if (Queries.Enter(reader) is var entry and not ReaderEntry.Admitted)
        {
            await ReaderLimit.RefuseAsync(context, entry, "queries about the locks");
            return;
        }

        T seen;
        try
        {
            seen = await LookAsync(sessions, look, context.RequestAborted);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            await Responses.UnavailableAsync(context, "This node no longer leads: try again soon.");
            return;
        }
        finally
        {
            Queries.Leave(reader);
        }

        await tell(seen);
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    private async Task<T> LookAsync<T>(LeaderSessions sessions, Func<LeaderSessions, T> look, CancellationToken aborted)
    {
        await turn.EnterAsync(aborted);
        var worked = TimeSpan.Zero;
        try
        {
            while (true)
            {
                await sessions.Leadership.WaitForLeaseAsync();
                var since = time.GetTimestamp();
                var seen = look(sessions);
                worked += time.GetElapsedTime(since);
                if (sessions.Leadership.HasLease)
                {
                    return seen;
                }
            }
        }
        finally
        {
            turn.Leave(worked);
        }
    }
}
