// The way in for code that was written for DistributedLock. A name is one segment of a path, whatever is in it: "a/b"
// is not beneath "a".
using System.Security.Cryptography;
using System.Text;
using Medallion.Threading;

namespace RaftLocks.Client.DistributedLock;

/// <summary>
/// Makes locks, reader-writer locks and semaphores. A lock and a reader-writer lock of the same name exclude each
/// other.
/// </summary>
/// <remarks>Upgradeable reader-writer locks are not offered: two holders who both wait to upgrade wait for each other
/// for ever. Take the write lock, and downgrade it with <see cref="RaftLocksHandle.DowngradeAsync"/>.
/// </remarks>
public sealed class RaftLocksDistributedSynchronizationProvider
    : IDistributedLockProvider,
        IDistributedReaderWriterLockProvider,
        IDistributedSemaphoreProvider
{
    private const string Locks = "locks";
    private const string Semaphores = "semaphores";
    private static readonly string[] DefaultPrefix = ["distributed-lock"];

    private readonly IRaftLocksClient client;
    private readonly string[] prefix;

    /// <summary>Makes a provider over a client.</summary>
    /// <param name="client">The client.</param>
    /// <param name="prefix">The path beneath which all locks lie; "distributed-lock" if it is empty.</param>
    public RaftLocksDistributedSynchronizationProvider(IRaftLocksClient client, params string[] prefix)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(prefix);
        this.client = client;
        this.prefix = prefix.Length == 0 ? DefaultPrefix : prefix;
    }

    /// <summary>Makes a lock of which there is one holder at a time.</summary>
    /// <param name="name">Its name; any text.</param>
    /// <returns>The lock. It asks for nothing until it is acquired.</returns>
    public RaftLocksDistributedLock CreateLock(string name) =>
        new(client, name, LockResource.Write(PathOf(Locks, name)));

    /// <summary>Makes a lock that one writer or many readers hold.</summary>
    /// <param name="name">Its name; any text.</param>
    /// <returns>The lock. It asks for nothing until it is acquired.</returns>
    public RaftLocksDistributedReaderWriterLock CreateReaderWriterLock(string name) =>
        new(client, name, PathOf(Locks, name));

    /// <summary>Makes a semaphore; all who use it must give the same number of tickets.</summary>
    /// <param name="name">Its name; any text.</param>
    /// <param name="maxCount">How many may hold it at the same time: 1 to
    /// <see cref="RaftLocksDistributedSemaphore.MostTickets"/>.</param>
    /// <returns>The semaphore. It asks for nothing until it is acquired.</returns>
    public RaftLocksDistributedSemaphore CreateSemaphore(string name, int maxCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxCount, RaftLocksDistributedSemaphore.MostTickets);
        return new(client, name, maxCount, PathOf(Semaphores, name));
    }

    /// <summary>
    /// Takes all these locks together or none, in one request: unlike the extension method of the same name, which
    /// takes one after the other.
    /// </summary>
    /// <param name="names">The names of the locks.</param>
    /// <param name="timeout">How long to wait, for as long as it takes without one.</param>
    /// <param name="cancellationToken">Gives up the wait, and the position in the queue with it.</param>
    /// <returns>One handle for all of them.</returns>
    public ValueTask<IDistributedSynchronizationHandle> AcquireAllLocksAsync(
        IReadOnlyList<string> names,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default
    ) => All(names, Writing).AcquireAsync(timeout, cancellationToken);

    /// <summary>Takes all these locks together or none, in one request.</summary>
    /// <param name="names">The names of the locks.</param>
    /// <param name="timeout">How long to wait, zero to take only what is free at once.</param>
    /// <param name="cancellationToken">Gives up the wait, and the position in the queue with it.</param>
    /// <returns>One handle for all of them, or null when the time is over.</returns>
    public ValueTask<IDistributedSynchronizationHandle?> TryAcquireAllLocksAsync(
        IReadOnlyList<string> names,
        TimeSpan timeout = default,
        CancellationToken cancellationToken = default
    ) => All(names, Writing).TryAcquireAsync(timeout, cancellationToken);

    /// <summary>Takes all these locks for reading together or none, in one request.</summary>
    /// <param name="names">The names of the locks.</param>
    /// <param name="timeout">How long to wait, for as long as it takes without one.</param>
    /// <param name="cancellationToken">Gives up the wait, and the position in the queue with it.</param>
    /// <returns>One handle for all of them.</returns>
    public ValueTask<IDistributedSynchronizationHandle> AcquireAllReadLocksAsync(
        IReadOnlyList<string> names,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default
    ) => All(names, Reading).AcquireAsync(timeout, cancellationToken);

    /// <summary>Takes all these locks for reading together or none, in one request.</summary>
    /// <param name="names">The names of the locks.</param>
    /// <param name="timeout">How long to wait, zero to take only what is free at once.</param>
    /// <param name="cancellationToken">Gives up the wait, and the position in the queue with it.</param>
    /// <returns>One handle for all of them, or null when the time is over.</returns>
    public ValueTask<IDistributedSynchronizationHandle?> TryAcquireAllReadLocksAsync(
        IReadOnlyList<string> names,
        TimeSpan timeout = default,
        CancellationToken cancellationToken = default
    ) => All(names, Reading).TryAcquireAsync(timeout, cancellationToken);

    IDistributedLock IDistributedLockProvider.CreateLock(string name) => CreateLock(name);

    IDistributedReaderWriterLock IDistributedReaderWriterLockProvider.CreateReaderWriterLock(string name) =>
        CreateReaderWriterLock(name);

    IDistributedSemaphore IDistributedSemaphoreProvider.CreateSemaphore(string name, int maxCount) =>
        CreateSemaphore(name, maxCount);

    private LockResource Writing(string name) => LockResource.Write(PathOf(Locks, name));

    private LockResource Reading(string name) => LockResource.Read(PathOf(Locks, name));

    private Attempt All(IReadOnlyList<string> names, Func<string, LockResource> resource)
    {
        ArgumentNullException.ThrowIfNull(names);
        LockResource[] resources = [.. names.Select(resource)];
        return Attempt.On(client, string.Join(", ", names), resources);
    }

    private string[] PathOf(string kind, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return [.. prefix, kind, SegmentOf(name)];
    }

    // A name that is too long for a segment is shortened to its beginning and its hash, as DistributedLock does for
    // other stores.
    private static string SegmentOf(string name)
    {
        const int KeptLetters = 64;
        return Encoding.UTF8.GetByteCount(name) <= LockResource.MaxSegmentBytes
            ? name
            : string.Concat(name.EnumerateRunes().Take(KeptLetters))
                + "-"
                + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
    }
}
