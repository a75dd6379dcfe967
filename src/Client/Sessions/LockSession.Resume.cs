// A connection begins and ends. In between two connections nothing is given up; after the second one's resume messages each lock
// is compared with what the cluster found, and only then something is asked for again.
using RaftLocks.Client.Wire;

namespace RaftLocks.Client.Sessions;

internal sealed partial class LockSession
{
    /// <summary>A connection stands, and the cluster has said where each channel is.</summary>
    /// <param name="next">The connection.</param>
    /// <param name="found">The resume messages of the live channels.</param>
    /// <param name="startedAt">When the handshake was begun: the cluster has heard this client since.</param>
    public void Resume(Link next, IReadOnlyCollection<ServerMessage> found, long startedAt)
    {
        lock (mutex)
        {
            link = next;
            IsCutOff = false;
            Prove(startedAt);
            var live = found.Where(message => message is { Channel: not null, State: RequestState.Enqueued or RequestState.Acquired })
                .ToDictionary(message => message.Channel!, StringComparer.Ordinal);

            // In the order in which they were asked for: so their places in line keep that order.
            foreach (var channel in channels.Values.OrderBy(channel => channel.Number).ToList())
            {
                var isLive = live.Remove(channel.Name, out var state);
                if (isLive && state!.Mark == channel.Mark)
                {
                    Found(channel, state);
                }
                else
                {
                    if (isLive)
                    {
                        link.Send(ClientMessages.Release(channel.Name));
                    }

                    Missed(channel, found.FirstOrDefault(message => message.Channel == channel.Name)?.Reason);
                }
            }

            foreach (var nobodys in live.Keys)
            {
                link.Send(ClientMessages.Release(nobodys));
            }
        }
    }

    /// <summary>A connection has ended.</summary>
    public void Disconnect(Link from, int? code, string reason)
    {
        lock (mutex)
        {
            lastProblem = reason;
            IsCutOff = true;
            if (link == from)
            {
                link = null;
                Blame(from.Number, code, reason);
            }
        }
    }

    /// <summary>A connection was not possible.</summary>
    public void Failed(string problem)
    {
        lock (mutex)
        {
            lastProblem = problem;
            IsCutOff = true;
        }
    }

    /// <summary>The cluster will never serve this client as it is: whoever waits is told; what is held may still be resumed.</summary>
    public void Refused(string problem)
    {
        lock (mutex)
        {
            lastProblem = problem;
            foreach (var channel in channels.Values.ToList())
            {
                if (channel.Answer.TrySetException(new LockRefusedException(problem)))
                {
                    Unwant(channel);
                }
            }
        }
    }

    /// <summary>Another connection took this session: nothing here may be believed any more, and this client must not come back.</summary>
    public void Replaced(string reason)
    {
        lock (mutex)
        {
            link = null;
            lastProblem = reason;
            fault = new SessionReplacedException(reason);
            foreach (var channel in channels.Values.ToList())
            {
                channel.Answer.TrySetException(new SessionReplacedException(reason));
                if (channel.Phase == Phase.Held)
                {
                    Lose(channel, reason);
                }

                End(channel);
            }
        }
    }

    private void Found(LockChannel channel, ServerMessage state)
    {
        channel.IsReached = true;
        channel.Id = state.Id ?? channel.Id;
        switch (channel.Phase)
        {
            case Phase.Releasing:
                BeginRelease(channel);
                break;
            case Phase.Asking when channel.IsUnwanted:
                BeginRelease(channel);
                break;
            case Phase.Held:
                FinishDowngrade(channel, state);
                break;
            default:
                if (state.State == RequestState.Acquired)
                {
                    Grant(channel);
                }
                else
                {
                    channel.Phase = Phase.Enqueued;
                }

                break;
        }
    }

    private void FinishDowngrade(LockChannel channel, ServerMessage state)
    {
        if (channel.Downgrading is null)
        {
            return;
        }

        if (state.HasWrites)
        {
            link!.Send(ClientMessages.Downgrade(channel.Name));
        }
        else
        {
            channel.Downgrading.TrySetResult();
            channel.Downgrading = null;
        }
    }

    private void Missed(LockChannel channel, string? reason)
    {
        switch (channel.Phase)
        {
            case Phase.Asking when channel.IsUnwanted:
            case Phase.Releasing:
                End(channel);
                break;
            case Phase.Held:
                Lose(channel, $"the cluster gave it up before this client came back ({reason ?? lastProblem})");
                End(channel);
                break;
            case Phase.Enqueued or Phase.Unproven when reason == "revoked":
                channel.Answer.TrySetException(new LockRevokedException("An operator ended the request while this client was away."));
                End(channel);
                break;
            default:
                // Not yet arrived, or the place in line is lost: it is asked for (again).
                channel.Phase = Phase.Asking;
                SendLock(channel, channel.Message());
                break;
        }
    }

    /// <summary>The server closed because of something that it was sent: what it had not answered is not sent again.</summary>
    private void Blame(long connection, int? code, string reason)
    {
        var isMistake = CloseCodes.IsMistake(code);
        foreach (var channel in channels.Values.ToList())
        {
            if (isMistake && channel.Phase == Phase.Asking && channel.SentOn == connection
                && channel.Answer.TrySetException(new LockRefusedException($"The cluster refused what it was sent: {reason}")))
            {
                Unwant(channel);
            }

            if ((isMistake || code == CloseCodes.TryAgainLater) && channel.Downgrading is { } downgrading)
            {
                downgrading.TrySetException(new LockRefusedException($"The cluster can't downgrade this lock now: {reason}"));
                channel.Downgrading = null;
            }
        }
    }
}
