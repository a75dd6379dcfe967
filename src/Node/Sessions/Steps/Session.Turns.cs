// What has to wait until other things are settled: a resume until all that the old connection sent is answered, a
// downgrade or the refusal of a lock until the messages before it on its channel are. Whenever something has changed
// the state is asked again.
using RaftLocks.Node.Sessions.Wire;

namespace RaftLocks.Node.Sessions.Steps;

/// <content>Turns.</content>
internal sealed partial class Session
{
    /// <summary>
    /// Tells that a limit forbids a lock, once what was sent before on the channel is answered. Null if it was told,
    /// else why the connection is to be closed.
    /// </summary>
    public async ValueTask<CloseReason?> RefuseAsync(SessionChannel channel, CloseReason limit) =>
        (await TakeTurnAsync(channel, limit)).Close;

    /// <summary>
    /// Sends a downgrade on its way, once what was sent before on the channel is answered: only then is it
    /// known which lock it concerns. Null if it was sent, or the lock has ended meanwhile, else why the connection is
    /// to be closed.
    /// </summary>
    public async ValueTask<CloseReason?> DowngradeAsync(SessionChannel channel)
    {
        var turn = await TakeTurnAsync(channel);
        return turn.Command is null || await SendAsync(turn.Command) ? turn.Close : WhyOver;
    }

    /// <summary>
    /// Waits until all that an old connection with the same token sent is settled, and an abandon that is on
    /// its way too; then has what that had, and tells the client where it stands. False if that will never be.
    /// </summary>
    public async Task<bool> ResumeAsync()
    {
        var turn = await TakeTurnAsync();
        if (turn.Close is { } why)
        {
            using var step = steps.Begin();
            step.Effects.CloseConnection(Connection, why);
        }

        return turn.Kind == TurnKind.Now;
    }

    // Without a channel it is the turn to resume, with a limit to refuse a lock, else to downgrade.
    private async ValueTask<Turn> TakeTurnAsync(SessionChannel? channel = null, CloseReason? limit = null)
    {
        while (true)
        {
            var (turn, change) = TryTakeTurn(channel, limit);
            if (turn.Kind != TurnKind.Later)
            {
                return turn;
            }

            await change.WaitAsync(home.Leadership.Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (home.Leadership.Ended.IsCancellationRequested)
            {
                return Turn.Closing(CloseReason.LeadershipLost);
            }
        }
    }

    private (Turn Turn, Task Change) TryTakeTurn(SessionChannel? channel, CloseReason? limit)
    {
        var known = channel is null ? home.Terminations.Find(Id) : TerminationReason.None;
        using var step = steps.Begin();
        var turn =
            channel is null ? State.Resume(known, step.Effects)
            : limit is null ? State.DowngradeAsked(channel, step.Effects)
            : State.LockRefused(channel, limit, step.Effects);
        return (turn, turn.Kind == TurnKind.Later ? steps.NextChange() : Task.CompletedTask);
    }
}
