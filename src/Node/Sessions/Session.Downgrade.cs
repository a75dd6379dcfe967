// Downgrades: a session's only command that has to know which request it concerns before it is proposed.
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Sessions;

/// <content>Downgrading.</content>
internal sealed partial class Session
{
    /// <summary>
    /// Sends a downgrade on its way, once what was sent before on the channel is answered: only then it is known which lock it concerns. Null if it
    /// was, or the lock has ended meanwhile, else the last word.
    /// </summary>
    public async ValueTask<Farewell?> DowngradeAsync(SessionChannel channel)
    {
        while (true)
        {
            LockRequest? held = null;
            ulong crossed;
            var change = Task.CompletedTask;
            lock (gate)
            {
                crossed = channel.LastId;
                if (ended)
                {
                    return Farewell.LeadershipLost;
                }

                if (channel.InFlight > 0)
                {
                    change = NextChange();
                }
                else if (channel.Live is { } live && !channel.IsAcquired)
                {
                    return Farewell.DowngradeWhileWaiting;
                }
                else
                {
                    held = channel.Live;
                }
            }

            if (held is not null)
            {
                return await ProposeAsync(new DowngradeProposal(channel, held)) ? null : Farewell.LeadershipLost;
            }

            if (change.IsCompleted)
            {
                Peer.Reply(new SessionReply(crossed, ReplyKind.DowngradeCrossed, channel.Talk.ChannelField));
                return null;
            }

            await change.WaitAsync(home.Leadership.Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (home.Leadership.Ended.IsCancellationRequested)
            {
                return Farewell.LeadershipLost;
            }
        }
    }
}
