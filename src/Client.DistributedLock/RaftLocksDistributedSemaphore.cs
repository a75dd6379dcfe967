// N tickets are N paths, each a lock of its own. Who finds one free at the first try takes it. Everybody else stands in one line (a lock
// called "turnstile"); its head asks for all N tickets at once, keeps the first it gets, gives the others back, and lets the next one through.
// So at any time at most one waits for N paths, tickets are given out in the order of the line, and a freed ticket goes to the head at once.
using System.Diagnostics;
using System.Globalization;
using Medallion.Threading;

namespace RaftLocks.Client.DistributedLock;

/// <summary>A distributed semaphore.</summary>
public sealed class RaftLocksDistributedSemaphore : RaftLocksPrimitive, IDistributedSemaphore
{
    /// <summary>So many tickets a semaphore may have: each is a request of whoever heads the line.</summary>
    public const int MostTickets = 256;

    private readonly IRaftLocksClient client;
    private readonly LockResource turnstile;
    private readonly LockResource[] tickets;

    internal RaftLocksDistributedSemaphore(IRaftLocksClient client, string name, int maxCount, string[] path)
        : base(name)
    {
        this.client = client;
        MaxCount = maxCount;
        turnstile = LockResource.Write([.. path, "turnstile"]);
        tickets = [.. Enumerable.Range(1, maxCount).Select(number => LockResource.Write([.. path, number.ToString(CultureInfo.InvariantCulture)]))];
    }

    /// <inheritdoc/>
    public int MaxCount { get; }

    private protected override async Task<HeldLock?> TakeAsync(TimeSpan timeout, CancellationToken token)
    {
        var startedAt = Stopwatch.GetTimestamp();

        // Without patience every ticket is looked at; with it, one look is enough before standing in line.
        var first = Random.Shared.Next(tickets.Length);
        for (var look = 0; look < (timeout == TimeSpan.Zero ? tickets.Length : 1); look++)
        {
            if (await client.TryAcquireAsync([tickets[(first + look) % tickets.Length]], TimeSpan.Zero, token).ConfigureAwait(false) is { } held)
            {
                return held;
            }
        }

        if (timeout == TimeSpan.Zero || Left(timeout, startedAt) is not { } left
            || await client.TryAcquireAsync([turnstile], left, token).ConfigureAwait(false) is not { } head)
        {
            return null;
        }

        await using (head.ConfigureAwait(false))
        {
            return Left(timeout, startedAt) is { } rest ? await TakeFirstAsync(rest, token).ConfigureAwait(false) : null;
        }
    }

    /// <summary>Asks for every ticket and keeps the first.</summary>
    private async Task<HeldLock?> TakeFirstAsync(TimeSpan timeout, CancellationToken token)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(token);
        var asked = tickets.Select(ticket => client.TryAcquireAsync([ticket], timeout, enough.Token)).ToList();
        HeldLock? kept = null;
        Exception? failure = null;
        while (asked.Count > 0)
        {
            var answered = await Task.WhenAny(asked).ConfigureAwait(false);
            asked.Remove(answered);
            try
            {
                var held = await answered.ConfigureAwait(false);
                if (kept is null && held is not null)
                {
                    kept = held;
                    await enough.CancelAsync().ConfigureAwait(false);
                }
                else if (held is not null)
                {
                    await held.DisposeAsync().ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (enough.IsCancellationRequested)
            {
                // Given back: one was enough, or the caller gave up.
            }
            catch (RaftLocksException e)
            {
                failure ??= e;
                await enough.CancelAsync().ConfigureAwait(false);
            }
        }

        if (kept is null)
        {
            token.ThrowIfCancellationRequested();
        }

        return kept ?? (failure is null ? null : throw failure);
    }

    /// <summary>What is left of a timeout; null if nothing is.</summary>
    private static TimeSpan? Left(TimeSpan timeout, long startedAt)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            return timeout;
        }

        var left = timeout - Stopwatch.GetElapsedTime(startedAt);
        return left > TimeSpan.Zero ? left : null;
    }
}
