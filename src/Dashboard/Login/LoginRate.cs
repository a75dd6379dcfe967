// How often somebody may try to log in. The addresses share a fixed number of counters, by a hash that nobody outside
// can foresee: so many addresses cost no more memory than one.
using System.Net;
using System.Threading.RateLimiting;

namespace RaftLocks.Dashboard;

/// <summary>Counts attempts to log in by the address that they come from.</summary>
internal sealed class LoginRate : IDisposable
{
    // All addresses of one network of IPv6 belong to one party.
    private const int NetworkBytes = 8;

    private readonly Lazy<TokenBucketRateLimiter>[] counters =
    [
        .. Enumerable.Range(0, Limits.LoginCounters).Select(_ => new Lazy<TokenBucketRateLimiter>(NewCounter)),
    ];

    /// <summary>Whether one more attempt may be made.</summary>
    public bool TryAttempt(IPAddress? from)
    {
        var counter = counters[CounterOf(from)].Value;
        counter.TryReplenish();
        using var lease = counter.AttemptAcquire();
        return lease.IsAcquired;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var counter in counters.Where(counter => counter.IsValueCreated))
        {
            counter.Value.Dispose();
        }
    }

    private static TokenBucketRateLimiter NewCounter() =>
        new(
            new TokenBucketRateLimiterOptions
            {
                TokenLimit = Limits.LoginBurst,
                TokensPerPeriod = 1,
                ReplenishmentPeriod = Limits.LoginEvery,
                AutoReplenishment = false,
                QueueLimit = 0,
            }
        );

    private static int CounterOf(IPAddress? from)
    {
        if (from is null)
        {
            return 0;
        }

        var address = (from.IsIPv4MappedToIPv6 ? from.MapToIPv4() : from).GetAddressBytes();
        var hash = default(HashCode);
        hash.AddBytes(address.AsSpan(0, Math.Min(NetworkBytes, address.Length)));
        return (int)((uint)hash.ToHashCode() % Limits.LoginCounters);
    }
}
