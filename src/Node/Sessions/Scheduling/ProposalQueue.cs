// Proposes what is due one after the other, so that a thousand abandons at once wait for room without holding up
// anybody.
using System.Threading.Channels;

namespace RaftLocks.Node.Sessions.Scheduling;

/// <summary>Commands whose time has come. Bounded by the number of live requests.</summary>
internal sealed class ProposalQueue : IDisposable
{
    private readonly Channel<ScheduledCommand> due = Channel.CreateUnbounded<ScheduledCommand>(
        new UnboundedChannelOptions { SingleReader = true }
    );
    private readonly LeaderSessions sessions;
    private volatile bool stopped;

    public ProposalQueue(LeaderSessions sessions)
    {
        this.sessions = sessions;
        Completion = ProposeAllAsync();
    }

    /// <summary>Completes when nothing more is proposed.</summary>
    public Task Completion { get; }

    /// <summary>Proposes it as soon as there is room.</summary>
    public void Add(ScheduledCommand command) => due.Writer.TryWrite(command);

    /// <summary>Nothing is proposed any more.</summary>
    public void Dispose()
    {
        stopped = true;
        due.Writer.TryComplete();
    }

    private async Task ProposeAllAsync()
    {
        // Not ReadAllAsync: it leaves the thread that it was called on, and with it a simulation.
        while (await due.Reader.WaitToReadAsync())
        {
            while (due.Reader.TryRead(out var command))
            {
                if (stopped)
                {
                    return;
                }

                if (command.TryBegin() && !await sessions.Leadership.ProposeAsync(command))
                {
                    command.OnDropped();
                    return;
                }
            }
        }
    }
}
