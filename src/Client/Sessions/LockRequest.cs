// What one caller asked for, and what is measured of it.
using System.Diagnostics;

namespace RaftLocks.Client.Sessions;

/// <summary>A caller's request for a lock.</summary>
internal sealed class LockRequest(
    IReadOnlyList<LockResource> resources,
    LockOptions options,
    CallTimeout callTimeout,
    bool throwsWhenNotAcquired,
    Activity? activity
)
{
    public IReadOnlyList<LockResource> Resources => resources;

    public LockOptions Options => options;

    /// <summary>How long its caller waits.</summary>
    public CallTimeout CallTimeout => callTimeout;

    /// <summary>Whether its caller wants an exception where others are content with null.</summary>
    public bool ThrowsWhenNotAcquired => throwsWhenNotAcquired;

    /// <summary>Makes the exception for a caller whose time is over.</summary>
    public LockNotAcquiredException NotAcquired()
    {
        var names = string.Join(", ", resources);
        return new LockNotAcquiredException(
            callTimeout.IsTry
                ? $"Somebody else holds or awaits {names}."
                : $"{names} could not be locked within {callTimeout.Limit.TotalSeconds:0.###} s.",
            callTimeout.Limit,
            resources
        );
    }

    /// <summary>Measures and traces the outcome. Listeners run elsewhere.</summary>
    public void Measure(SideWork side, string outcome, ulong? fencingToken, string? failure)
    {
        if (activity is null && !Telemetry.IsListenedTo)
        {
            return;
        }

        var waited = callTimeout.Elapsed;
        activity?.SetEndTime(DateTime.UtcNow);
        side.Post(() =>
        {
            Telemetry.Answered(outcome, waited);
            if (activity is not null)
            {
                activity.SetTag("raftlocks.fencing_token", fencingToken).SetTag("raftlocks.outcome", outcome);
                if (failure is not null)
                {
                    activity.SetStatus(ActivityStatusCode.Error, failure);
                }

                activity.Stop();
            }
        });
    }
}
