// What has to wait until other things are settled: a resume until all that the old connection sent is answered, a
// downgrade or the refusal of a lock until the messages before it on its channel are. Whenever something has changed
// the state is asked again.
using RaftLocks.Node.Sessions.Wire;

namespace RaftLocks.Node.Sessions.Steps;

/// <content>Turns.</content>
internal sealed partial class Session
{
    /// <summary>
    /// Refuses a lock because of a limit, once what was sent before on the channel is answered. Null if it was refused,
    /// else why the connection is to be closed.
    /// </summary>
    public async ValueTask<CloseReason?> RefuseAsync(SessionChannel channel, CloseReason limit) =>
        (
            await TakeTurnAsync(
                (channel, limit),
                static (state, asked, effects) => state.LockRefused(asked.channel, asked.limit, effects)
            )
        ).Close;

    /// <summary>
    /// Sends a downgrade on its way, once what was sent before on the channel is answered: only then is it
    /// known which lock it concerns. Null if it was sent, or the lock has ended meanwhile, else why the connection is
    /// to be closed.
    /// </summary>
    public async ValueTask<CloseReason?> DowngradeAsync(SessionChannel channel)
    {
        var turn = await TakeTurnAsync(
            channel,
            static (state, channel, effects) => state.DowngradeAsked(channel, effects)
        );
        return turn.Command is null ? turn.Close : await SendAsync(turn.Command);
    }

    /// <summary>
    /// Waits until all that an old connection with the same token sent is settled, and an abandon that is on
    /// its way too; then has what that had, and tells the client where it stands. False if that will never be.
    /// </summary>
    public async Task<bool> ResumeAsync()
    {
        var turn = await TakeTurnAsync(
            this,
            static (state, session, effects) => state.Resume(session.home.Terminations.Find(session.Id), effects)
        );
        if (turn.Close is { } why)
        {
            using var step = steps.Begin();
            step.Effects.CloseConnection(Connection, why);
        }

        return turn.Kind == TurnKind.Now;
    }

    // Asks the state whether it is its turn, and again after each change until it is.
    private async ValueTask<Turn> TakeTurnAsync<T>(T with, Func<SessionState, T, EffectList, Turn> ask)
    {
        while (true)
        {
            var (turn, change) = Ask(with, ask);
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

    private (Turn Turn, Task Change) Ask<T>(T with, Func<SessionState, T, EffectList, Turn> ask)
    {
        using var step = steps.Begin();
        var turn = ask(State, with, step.Effects);
        return (turn, turn.Kind == TurnKind.Later ? steps.NextChange() : Task.CompletedTask);
    }
}
