// Whether what a node says can be true. A node that answers what was never asked, or with ids that can't be, is no node
// of this cluster: none of its words may become somebody's lock.
using RaftLocks.Client.Wire;

namespace RaftLocks.Client.Sessions;

internal sealed partial class LockSession
{
    /// <summary>The ids, by channel, of what was live at the resume of this connection and belongs to no
    /// call.</summary>
    private readonly Dictionary<string, ulong> givenBack = new(StringComparer.Ordinal);

    private bool IsOfGivenBack(ServerMessage message) =>
        message is { Action: ServerAction.Lock, Channel: { } name, Id: { } id }
        && givenBack.TryGetValue(name, out var given)
        && given == id;

    /// <summary>Checks a message for a channel on which nothing is wanted.</summary>
    private static void CheckUnasked(ServerMessage message)
    {
        if (message.Action is ServerAction.Resume or ServerAction.Lock)
        {
            throw new BadMessageException("it answers what was not asked");
        }
    }

    private void Check(LockChannel channel, ServerMessage message)
    {
        switch (message.Action)
        {
            case ServerAction.Resume:
                CheckUnasked(message);
                break;
            case ServerAction.Lock when message.State == RequestState.Ready:
                CheckRefused(channel, message);
                break;
            case ServerAction.Lock:
                CheckGranted(channel, message);
                break;
            case ServerAction.Downgrade when message.State == RequestState.Acquired:
                var isAsked = channel.Phase == Phase.Releasing || channel.Downgrading is not null;
                Demand(isAsked, "it answers a downgrade that was not asked for");
                break;
            case ServerAction.Revoke:
                var isGone = message.State == RequestState.Ready;
                var isItsOwn = message.Id == channel.Id || channel.Phase == Phase.Asking;
                Demand(isItsOwn, "a revocation has another id than its lock");
                Demand(isGone || message.GraceMs is not null, "a revocation lacks its grace");
                break;
        }
    }

    private static void CheckRefused(LockChannel channel, ServerMessage message)
    {
        Demand(
            message.Reason != "busy" || channel.CallTimeout.IsTry,
            "it does not let a request wait that has " + "the time"
        );
        Demand(message.Reason != "timeout" || channel.CallTimeout.IsFinite, "it ends a wait that has no limit");
        var isOpen = channel.Phase is Phase.Asking or Phase.Enqueued or Phase.Releasing;
        Demand(isOpen, "it refuses a lock that it has granted");
    }

    private void CheckGranted(LockChannel channel, ServerMessage message)
    {
        Demand(message.State is RequestState.Enqueued or RequestState.Acquired, "an answer lacks its state");
        Demand(message.Id is > 0, "an answer lacks its id");
        if (channel.Phase == Phase.Asking)
        {
            Demand(channel.SentOn == connection!.Number, "it answers what it was not sent");
            Demand(message.Id > channel.SentAfter, "an id is not greater than those before it");
        }
        else
        {
            Demand(message.Id == channel.Id, "the id of a request has changed");
        }
    }

    private static void Demand(bool isSo, string otherwise)
    {
        if (!isSo)
        {
            throw new BadMessageException(otherwise);
        }
    }
}
