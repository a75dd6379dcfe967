// Until when this client may trust its locks. An answered ping proves that the leader heard from this client after the
// ping was sent, and led at that time: so whatever happens next, the cluster keeps the locks for the abandon timeout
// counted from then. Nothing else proves that: what arrives now may have lain in a buffer while this process was
// frozen.
namespace RaftLocks.Client.Sessions;

/// <summary>The deadline that all locks of a client share. Not thread-safe: its owner locks.</summary>
internal sealed class Lease(TimeProvider clock, TimeSpan abandonTimeout, TimeSpan margin)
{
    private readonly TimeSpan length = abandonTimeout - margin;
    private long? provenAt;

    /// <summary>The time at which the last answered ping was sent.</summary>
    public long? ProvenAt => provenAt;

    /// <summary>Whether locks can't be trusted now. Without any proof they can't.</summary>
    public bool IsExpired => Remaining <= TimeSpan.Zero;

    /// <summary>How long they can be.</summary>
    public TimeSpan Remaining => provenAt is { } at ? length - clock.GetElapsedTime(at) : TimeSpan.Zero;

    /// <summary>
    /// Something that was sent at this time has been answered. Whoever calls this has first looked whether the lease
    /// had expired.
    /// </summary>
    public void Prove(long sentAt)
    {
        if (provenAt is not { } at || sentAt > at)
        {
            provenAt = sentAt;
        }
    }

    /// <summary>The rest of a grace period that began, at the earliest, when the leader last heard from the
    /// client.</summary>
    public TimeSpan RemainingOf(TimeSpan grace, long heardAt) =>
        grace - TimeSpan.FromTicks(Math.Min(margin.Ticks, grace.Ticks / 10)) - clock.GetElapsedTime(heardAt);
}
