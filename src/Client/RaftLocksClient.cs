// The client: asks the session for locks on behalf of its callers, each of whom gets a task that the session completes.
using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Client.Sessions;
using RaftLocks.Client.Wire;

namespace RaftLocks.Client;

/// <summary>
/// A client of a RaftLocks cluster, with one connection for all its locks. It connects when the first lock is asked
/// for.
/// </summary>
/// <remarks>It has threads of its own. Code of the application (progress, callbacks of tokens, what comes after an
/// await) never runs on them, and a caller that blocks on a call needs no other thread of the thread pool than its own.
/// </remarks>
public sealed class RaftLocksClient : IRaftLocksClient, IDisposable
{
    private const int TokenBytes = 32;

    private readonly RaftLocksOptions options;
    private readonly TimeProvider clock;
    private readonly LockSession session;
    private readonly SessionLoop loop;

    /// <summary>Makes a client. It does not connect yet.</summary>
    /// <param name="options">Its settings; later changes of them have no effect.</param>
    /// <param name="logger">The logger for connections and their ends; null for none.</param>
    /// <exception cref="ArgumentException">The settings are wrong; the message says what.</exception>
    public RaftLocksClient(RaftLocksOptions options, ILogger<RaftLocksClient>? logger = null)
        : this(options, connector: null, SuspendAwareClock.Instance, logger ?? NullLogger<RaftLocksClient>.Instance) { }

    internal RaftLocksClient(RaftLocksOptions options, IConnector? connector, TimeProvider clock, ILogger logger)
    {
        this.options = Checked(options);
        this.clock = clock;
        var side = new SideWork(logger);
        session = new LockSession(this.options, clock, side);
        loop = new SessionLoop(
            session,
            connector ?? new WebSocketConnector(this.options, NewToken()),
            this.options,
            clock,
            side
        );
    }

    /// <summary>The space of locks that this client uses.</summary>
    public string Namespace => options.Namespace;

    /// <summary>Whether a node serves this client at the moment. False before the first lock is asked for.</summary>
    public bool IsConnected => session.IsConnected;

    /// <summary>The last problem on the way to the cluster, for people.</summary>
    public string LastProblem => session.LastProblem;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The resources or the options are wrong; it is thrown at the
    /// call.</exception>
    public Task<IHeldLock> AcquireAsync(
        IReadOnlyCollection<LockResource> resources,
        LockOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        options ??= new LockOptions();
        return Ask(
            resources,
            options,
            options.Timeout ?? Timeout.InfiniteTimeSpan,
            throwsWhenNotAcquired: true,
            cancellationToken
        )!;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The resources or the options are wrong; it is thrown at the
    /// call.</exception>
    public Task<IHeldLock?> TryAcquireAsync(
        IReadOnlyCollection<LockResource> resources,
        LockOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        options ??= new LockOptions();
        return Ask(
            resources,
            options,
            options.Timeout ?? TimeSpan.Zero,
            throwsWhenNotAcquired: false,
            cancellationToken
        );
    }

    /// <summary>
    /// Releases all locks, waits up to <see cref="RaftLocksOptions.ReleaseTimeout"/> for the cluster to confirm it, and
    /// disconnects. Never throws; may be called again.
    /// </summary>
    /// <returns>A task that completes when the client has ended.</returns>
    public async ValueTask DisposeAsync()
    {
        // Where the cluster does not answer in time, what was sent is sent, and the abandon timeout ends what is left.
        await BoundedWait.ForAsync(session.EndAsync(), options.ReleaseTimeout, clock).ConfigureAwait(false);
        session.ReleaseUnanswered();
        loop.Stop();
        await loop.WaitForEndAsync().ConfigureAwait(false);
        session.Dispose();
    }

    /// <summary>
    /// Does what <see cref="DisposeAsync"/> does, and blocks meanwhile; it needs no thread of the thread pool.
    /// </summary>
    public void Dispose()
    {
        session.EndAsync().Wait(options.ReleaseTimeout);
        session.ReleaseUnanswered();
        loop.Stop();
        loop.WaitForEnd();
        session.Dispose();
    }

    private Task<IHeldLock?> Ask(
        IReadOnlyCollection<LockResource> resources,
        LockOptions lockOptions,
        TimeSpan timeout,
        bool throwsWhenNotAcquired,
        CancellationToken cancellationToken
    )
    {
        var copy = Checked(resources);
        LockOptions.Check(lockOptions);
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<IHeldLock?>(cancellationToken);
        }

        var request = new LockRequest(
            copy,
            lockOptions,
            new CallTimeout(clock, timeout),
            throwsWhenNotAcquired,
            StartActivity(copy.Length)
        );
        var answer = session.Ask(request, cancellationToken);
        loop.Start();
        return answer;
    }

    // The activity is no parent of what the caller does next.
    private Activity? StartActivity(int resources)
    {
        var current = Activity.Current;
        var activity = Telemetry.Source.StartActivity("raftlocks.acquire", ActivityKind.Client);
        if (activity is not null)
        {
            activity.SetTag("raftlocks.namespace", options.Namespace).SetTag("raftlocks.resources", resources);
            Activity.Current = current;
        }

        return activity;
    }

    private static LockResource[] Checked(IReadOnlyCollection<LockResource> resources)
    {
        ArgumentNullException.ThrowIfNull(resources);
        LockResource[] copy = [.. resources];
        return copy.Length is 0 or > ClientMessages.MaxResources || Array.Exists(copy, resource => resource is null)
            ? throw new ArgumentException(
                $"A lock names 1 to {ClientMessages.MaxResources} resources, none of them null.",
                nameof(resources)
            )
            : copy;
    }

    private static RaftLocksOptions Checked(RaftLocksOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Validate() is { Count: > 0 } wrong
            ? throw new ArgumentException(string.Join(' ', wrong), nameof(options))
            : options.Copy();
    }

    private static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
}
