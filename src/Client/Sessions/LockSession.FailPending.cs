// A node may close because of something that it was sent. Asked for again, that would end one connection after another;
// but one node's word is not enough either: it may be another product. So a pending lock fails when as many connections
// as there are addresses were closed because of it, and at once where the sentence names one of the cluster's own
// limits.
using RaftLocks.Client.Wire;

namespace RaftLocks.Client.Sessions;

internal sealed partial class LockSession
{
    /// <summary>
    /// Looks for what a connection was closed for: what was sent over it and not answered. A limit is the matter of one
    /// lock only, the first, for the node answers in order.
    /// </summary>
    /// <returns>Whether a pending lock has failed.</returns>
    private bool FailPending(long connection, int? code, string reason)
    {
        var isClientError = CloseCodes.IsClientError(code);
        if (!isClientError && code != CloseCodes.TryAgainLater)
        {
            return false;
        }

        var refusal = isClientError
            ? new LockRefusedException($"The cluster refused what it was sent: {reason}", RefusalReason.BadRequest)
            : ServerLimits.Refusal(reason);
        var suspects = channels
            .Values.Where(channel => IsSuspect(channel, connection))
            .OrderBy(channel => channel.Number)
            .ToList();
        var hasFailed = false;
        foreach (var channel in isClientError ? suspects : suspects.Take(1))
        {
            if (
                ++channel.Complaints >= options.Nodes.Count
                || (!isClientError && refusal.Reason != RefusalReason.Unknown)
            )
            {
                hasFailed = true;
                Refuse(channel, refusal);
            }
        }

        return hasFailed;
    }

    private static bool IsSuspect(LockChannel channel, long connection) =>
        channel.Downgrading is not null || (channel.Phase == Phase.Asking && channel.SentOn == connection);

    private void Refuse(LockChannel channel, LockRefusedException refusal)
    {
        channel.Complaints = 0;
        if (channel.Downgrading is { } downgrading)
        {
            downgrading.Fail(refusal);
            channel.Downgrading = null;
        }
        else if (channel.Fail(refusal))
        {
            Cancel(channel);
        }
    }
}
