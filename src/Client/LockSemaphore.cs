// A semaphore made of locks. N slots are N paths, each a lock of its own. A caller that finds a slot free at its first
// try takes it. Everybody else waits in one queue (a lock called "turnstile"); its head asks for all N slots at once,
// keeps the first it gets, gives the others back, and lets the next one through. So at any time at most one waits for N
// paths, slots are given out in the order of the queue, and a freed slot goes to the head at once.
using System.Globalization;

namespace RaftLocks.Client;

/// <summary>A semaphore: up to a number of holders at the same time, first come, first served.</summary>
/// <remarks>Slot K of a semaphore is a write lock on its path with the segment K ("1", "2", …); the queue is a write
/// lock on its path with the segment "turnstile". All who use a semaphore must give the same number of slots.
/// </remarks>
public sealed partial class LockSemaphore
{
    /// <summary>The maximum number of slots of a semaphore: the head of the queue sends a request for each.</summary>
    public const int MaxSlots = 256;

    /// <summary>
    /// A caller with a shorter timeout tries every slot first, as one without a timeout does: the queue may take
    /// longer.
    /// </summary>
    private static readonly TimeSpan ShortWait = TimeSpan.FromMilliseconds(250);

    private readonly IRaftLocksClient client;
    private readonly LockResource[] turnstile;
    private readonly LockResource[][] slots;

    /// <summary>A semaphore whose locks lie beneath a path.</summary>
    /// <param name="client">The client.</param>
    /// <param name="slots">How many may hold it at the same time: 1 to <see cref="MaxSlots"/>.</param>
    /// <param name="path">The path beneath which its locks lie.</param>
    /// <exception cref="ArgumentException">The path is empty or too long, or a segment is null, too long or no valid
    /// Unicode.</exception>
    public LockSemaphore(IRaftLocksClient client, int slots, params ReadOnlySpan<string> path)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slots);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(slots, MaxSlots);
        var parent = LockResource.Write(path).Path;
        this.client = client;
        Path = parent;
        turnstile = [LockResource.Write([.. parent, "turnstile"])];
        this.slots =
        [
            .. Enumerable
                .Range(1, slots)
                .Select(number =>
                    new[] { LockResource.Write([.. parent, number.ToString(CultureInfo.InvariantCulture)]) }
                ),
        ];
    }

    /// <summary>How many may hold it at the same time.</summary>
    public int Slots => slots.Length;

    /// <summary>The path beneath which its locks lie.</summary>
    public IReadOnlyList<string> Path { get; }

    /// <summary>Waits until a slot is acquired.</summary>
    /// <param name="options">How long to wait, the label, progress in the queue; null to wait for as long as it
    /// takes.</param>
    /// <param name="cancellationToken">Gives up the wait, and the position in the queue with it.</param>
    /// <returns>The held slot. Dispose of it to give it back.</returns>
    /// <exception cref="LockNotAcquiredException">It took longer than the timeout.</exception>
    public Task<IHeldLock> AcquireAsync(LockOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new LockOptions();
        return AcquiredAsync(
            new Search(this, options, options.Timeout ?? Timeout.InfiniteTimeSpan, blocks: false),
            cancellationToken
        );
    }

    /// <summary>Waits until a slot is acquired, up to a timeout.</summary>
    /// <param name="timeout">How long to wait; zero to take only what is free at once.</param>
    /// <param name="cancellationToken">Gives up the wait, and the position in the queue with it.</param>
    /// <returns>The held slot. Dispose of it to give it back.</returns>
    /// <exception cref="LockNotAcquiredException">It took longer than the timeout.</exception>
    public Task<IHeldLock> AcquireAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        AcquireAsync(new LockOptions { Timeout = timeout }, cancellationToken);

    /// <summary>Takes a slot if one is free now or within the options' timeout.</summary>
    /// <param name="options">How long to wait, the label, progress in the queue; null, or without a timeout, to take
    /// only what is free at once.</param>
    /// <param name="cancellationToken">Gives up the wait, and the position in the queue with it.</param>
    /// <returns>The held slot, or null when the time is over.</returns>
    public Task<IHeldLock?> TryAcquireAsync(LockOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new LockOptions();
        return new Search(this, options, options.Timeout ?? TimeSpan.Zero, blocks: false).RunAsync(cancellationToken);
    }

    /// <summary>Takes a slot if one is free now or within a timeout.</summary>
    /// <param name="timeout">How long to wait; zero to take only what is free at once.</param>
    /// <param name="cancellationToken">Gives up the wait, and the position in the queue with it.</param>
    /// <returns>The held slot, or null when the time is over.</returns>
    public Task<IHeldLock?> TryAcquireAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        TryAcquireAsync(new LockOptions { Timeout = timeout }, cancellationToken);

    /// <summary>
    /// Takes a slot if one is free now or within a timeout. It blocks the calling thread, and needs no other one of the
    /// thread pool.
    /// </summary>
    /// <param name="timeout">How long to wait; zero to take only what is free at once, infinite for as long as it
    /// takes.</param>
    /// <param name="cancellationToken">Gives up the wait, and the position in the queue with it.</param>
    /// <returns>The held slot, or null when the time is over.</returns>
    public IHeldLock? TryAcquire(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        new Search(this, new LockOptions { Timeout = timeout }, timeout, blocks: true)
            .RunAsync(cancellationToken)
            .GetAwaiter()
            .GetResult();

    private async Task<IHeldLock> AcquiredAsync(Search search, CancellationToken cancellationToken) =>
        await search.RunAsync(cancellationToken).ConfigureAwait(false)
        ?? throw new LockNotAcquiredException(
            $"None of the {Slots} slots of the semaphore '{LockPath.Format(Path)}' could be acquired within "
                + $"{search.Timeout.TotalSeconds:0.###} s.",
            search.Timeout,
            turnstile
        );
}
