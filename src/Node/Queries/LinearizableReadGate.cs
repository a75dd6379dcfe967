// Queries whose answer must be true: only the leader answers, and only what it still knew to be the leader after it
// had looked. A lease that is valid after the look says that until then nobody else can have been elected; so what was
// seen was the newest there was. (Before the look it would say less: the process may pause in between.)
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Routing;
using RaftLocks.Node.Sessions;

namespace RaftLocks.Node.Queries;

internal sealed class LinearizableReadGate(SessionRegistry registry, LeaderRoute route) : IDisposable
{
    // The locks need the processor more than the queries do.
    private readonly SemaphoreSlim turn = new(1);
    private int waiting;

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

        T seen;
        try
        {
            if (Interlocked.Increment(ref waiting) > Limits.MaxQueries)
            {
                await Responses.UnavailableAsync(context, "Too many questions are asked at once: try again soon.");
                return;
            }

            seen = await LookAsync(sessions, look, context.RequestAborted);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            await Responses.UnavailableAsync(context, "This node no longer leads: try again soon.");
            return;
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }

        await tell(seen);
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    private async Task<T> LookAsync<T>(LeaderSessions sessions, Func<LeaderSessions, T> look, CancellationToken aborted)
    {
        await turn.WaitAsync(aborted);
        try
        {
            while (true)
            {
                await sessions.Leadership.WaitForLeaseAsync();
                var seen = look(sessions);
                if (sessions.Leadership.HasLease)
                {
                    return seen;
                }
            }
        }
        finally
        {
            turn.Release();
        }
    }
}
