// Proposes abandons one after the other, so that a thousand of them at once wait for room without holding up anybody.
using System.Threading.Channels;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Sessions;

/// <summary>Requests that are to be abandoned now. Bounded by the number of live requests.</summary>
internal sealed class AbandonQueue : IDisposable
{
    private readonly Channel<LockRequest> due = Channel.CreateUnbounded<LockRequest>(new UnboundedChannelOptions { SingleReader = true });
    private readonly LeaderSessions sessions;
    private volatile bool stopped;

    public AbandonQueue(LeaderSessions sessions)
    {
        this.sessions = sessions;
        Completion = ProposeAllAsync();
    }

    /// <summary>Completes when nothing more is proposed.</summary>
    public Task Completion { get; }

    /// <summary>Proposes an abandon as soon as there is room.</summary>
    public void Add(LockRequest request) => due.Writer.TryWrite(request);

    /// <summary>Nothing is proposed any more.</summary>
    public void Dispose()
    {
        stopped = true;
        due.Writer.TryComplete();
    }

    private async Task ProposeAllAsync()
    {
        await foreach (var request in due.Reader.ReadAllAsync())
        {
            if (stopped || !await sessions.Leadership.ProposeAsync(new AbandonProposal(sessions, request)))
            {
                return;
            }
        }
    }
}
