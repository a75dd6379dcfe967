// A connection begins and ends. In between two connections nothing is given up; after the second one's resume messages
// each lock is compared with what the cluster found, and only then something is asked for again.
using RaftLocks.Client.Wire;

namespace RaftLocks.Client.Sessions;

internal sealed partial class LockSession
{
    /// <summary>Resumes on a new connection, on which the cluster has reported the state of each channel.</summary>
    /// <param name="next">The connection.</param>
    /// <param name="found">The resume messages of the live channels.</param>
    /// <param name="startedAt">When the handshake was begun: the cluster has heard this client since.</param>
    /// <exception cref="BadMessageException">What was found can't be true; nothing of it is believed.</exception>
    public void Resume(Connection next, IReadOnlyCollection<ServerMessage> found, long startedAt)
    {
        lock (mutex)
        {
            var live = found
                .Where(message =>
                    message is { Channel: not null, State: RequestState.Enqueued or RequestState.Acquired }
                )
                .ToDictionary(message => message.Channel!, StringComparer.Ordinal);
            CheckFound(live);
            connection = next;
            IsCutOff = false;
            greatestId = 0;
            givenBack.Clear();
            Prove(startedAt);

            // In the order in which they were asked for: so their positions in the queue keep that order.
            foreach (var channel in channels.Values.OrderBy(channel => channel.Number).ToList())
            {
                var isLive = live.Remove(channel.Name, out var state);
                if (isLive && state!.Ref == channel.Ref)
                {
                    Found(channel, state);
                }
                else
                {
                    if (isLive)
                    {
                        GiveBack(state!);
                    }

                    Missed(channel, found.FirstOrDefault(message => message.Channel == channel.Name)?.Reason);
                }
            }

            foreach (var nobodys in live.Values)
            {
                GiveBack(nobodys);
            }
        }
    }

    /// <summary>A connection has ended.</summary>
    /// <returns>Whether the cluster wants this client to wait before it comes back.</returns>
    public bool Disconnect(Connection from, int? code, string reason)
    {
        lock (mutex)
        {
            // Who never served this session was sent nothing that could be an error.
            var hasServed = connection == from;
            lastProblem = reason;
            IsCutOff = true;
            connection = null;
            return !(hasServed && FailPending(from.Number, code, reason)) && code == CloseCodes.TryAgainLater;
        }
    }

    /// <summary>A connection was not possible, or what serves it has failed.</summary>
    public void Failed(string problem)
    {
        lock (mutex)
        {
            connection = null;
            lastProblem = problem;
            IsCutOff = true;
        }
    }

    /// <summary>
    /// The cluster will never serve this client as it is: waiting calls fail; what is held may still be resumed.
    /// </summary>
    public void Refused(string problem)
    {
        lock (mutex)
        {
            lastProblem = problem;
            foreach (var channel in channels.Values.ToList())
            {
                if (channel.Fail(new LockRefusedException(problem, RefusalReason.ClientRefused)))
                {
                    Cancel(channel);
                }
            }
        }
    }

    /// <summary>Nothing here may be believed any more, and this client does not come back: another connection took its
    /// session, or something in it failed that never should. All calls fail from now on.
    /// </summary>
    public void Ruin(RaftLocksException why, LockLossCause cause)
    {
        lock (mutex)
        {
            connection = null;
            IsCutOff = true;
            lastProblem = why.Message;
            fault = why;
            foreach (var channel in channels.Values.ToList())
            {
                channel.Fail(why);
                if (channel.Phase == Phase.Held)
                {
                    Lose(channel, cause, why.Message);
                }

                End(channel);
            }
        }
    }

    /// <summary>Checks what a node found: a lock that is held has the id that it was acquired with.</summary>
    private void CheckFound(Dictionary<string, ServerMessage> live)
    {
        foreach (var (name, state) in live)
        {
            Demand(
                !channels.TryGetValue(name, out var channel)
                    || channel.Ref != state.Ref
                    || channel.Id == 0
                    || channel.Id == state.Id,
                "the id of a request has changed"
            );
        }
    }

    private void GiveBack(ServerMessage nobodys)
    {
        givenBack[nobodys.Channel!] = nobodys.Id!.Value;
        connection!.Send(ClientMessages.Release(nobodys.Channel!));
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
            case Phase.Asking when channel.IsCancelled:
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
            connection!.Send(ClientMessages.Downgrade(channel.Name));
        }
        else
        {
            Downgraded(channel);
        }
    }

    private void Missed(LockChannel channel, string? reason)
    {
        switch (channel.Phase)
        {
            case Phase.Asking when channel.IsCancelled:
            case Phase.Releasing:
                End(channel);
                break;
            case Phase.Held:
                Lose(
                    channel,
                    LockLossCause.Abandoned,
                    $"the cluster gave it up before this client came back ({reason ?? lastProblem})"
                );
                End(channel);
                break;
            case Phase.Enqueued or Phase.Unproven when reason == "revoked":
                channel.Fail(new LockRevokedException("An operator ended the request while this client was away."));
                End(channel);
                break;
            default:
                // Not yet arrived, or the position in the queue is lost: it is asked for (again).
                channel.Phase = Phase.Asking;
                channel.Id = 0;
                SendLock(channel, channel.Message());
                break;
        }
    }
}
