// How many locks somebody may ask for in a second, where a setting bounds it: a bucket of tokens for each connection
// and each party, which holds a second's worth. A release is never refused: it ends what others wait for.
using System.Threading.RateLimiting;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft;

namespace RaftLocks.Node.Sessions;

/// <summary>The rates of one node.</summary>
internal sealed class LockRates : IDisposable
{
    private readonly PartitionedRateLimiter<ProposalFlow>? connections;
    private readonly PartitionedRateLimiter<ProposalFlow>? parties;

    private LockRates(int perConnection, int perParty)
    {
        connections = perConnection > 0 ? Make(perConnection, static flow => flow) : null;
        parties = perParty > 0 ? Make(perParty, static flow => flow.Party) : null;
    }

    /// <summary>Null where nothing is bounded.</summary>
    public static LockRates? Of(NodeSettings settings) =>
        settings.MaxConnectionLocksPerSecond > 0 || settings.MaxLocksPerSecond > 0
            ? new LockRates(settings.MaxConnectionLocksPerSecond, settings.MaxLocksPerSecond)
            : null;

    /// <summary>Null if a lock may be asked for now, else why not, and when to come back.</summary>
    public CloseReason? Refuse(ProposalFlow flow) =>
        Wait(connections, flow) is { } connection
            ? CloseReason.TooFast(RateSettings.MaxConnectionLocksPerSecond, connection)
        : Wait(parties, flow) is { } party ? CloseReason.TooFast(RateSettings.MaxLocksPerSecond, party)
        : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        connections?.Dispose();
        parties?.Dispose();
    }

    private static PartitionedRateLimiter<ProposalFlow> Make<TKey>(int perSecond, Func<ProposalFlow, TKey> key)
        where TKey : notnull
    {
        // Some at a time, as often as the library looks.
        var atOnce = Math.Max(1, perSecond / Limits.RateLooksPerSecond);
        var options = new TokenBucketRateLimiterOptions
        {
            TokenLimit = perSecond,
            TokensPerPeriod = atOnce,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)atOnce / perSecond),
            AutoReplenishment = false,
        };
        return PartitionedRateLimiter.Create<ProposalFlow, TKey>(flow =>
            RateLimitPartition.GetTokenBucketLimiter(key(flow), _ => options)
        );
    }

    // How long there is nothing left; null if there was something.
    private static TimeSpan? Wait(PartitionedRateLimiter<ProposalFlow>? limiter, ProposalFlow flow)
    {
        if (limiter is null)
        {
            return null;
        }

        using var lease = limiter.AttemptAcquire(flow);
        return lease.IsAcquired ? null
            : lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after
            : TimeSpan.FromSeconds(Limits.RetryAfterSeconds);
    }
}
