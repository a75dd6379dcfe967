// The client: asks the session for locks, waits for them as long as the caller wants, and tells how it went.
using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Client.Sessions;
using RaftLocks.Client.Wire;

namespace RaftLocks.Client;

/// <summary>A client of a RaftLocks cluster, with one connection for all its locks. It connects when the first lock is asked for.</summary>
public sealed class RaftLocksClient : IRaftLocksClient
{
    private const int TokenBytes = 32;

    private readonly RaftLocksOptions options;
    private readonly TimeProvider clock;
    private readonly LockSession session;
    private readonly WebSocketConnector? ownConnector;
    private readonly CancellationTokenSource stop = new();
    private readonly Task loop;

    /// <summary>A client with these settings.</summary>
    /// <exception cref="ArgumentException">The settings are wrong; the message says what.</exception>
    public RaftLocksClient(RaftLocksOptions options, ILogger<RaftLocksClient>? logger = null)
        : this(Checked(options), connector: null, SuspendAwareClock.Instance, logger ?? NullLogger<RaftLocksClient>.Instance)
    {
    }

    internal RaftLocksClient(RaftLocksOptions options, IConnector? connector, TimeProvider clock, ILogger logger)
    {
        this.options = Checked(options);
        this.clock = clock;
        session = new LockSession(options, clock);
        if (connector is null)
        {
            connector = ownConnector = new WebSocketConnector(options, NewToken());
        }

        loop = new SessionLoop(session, connector, options, clock, logger).RunAsync(stop.Token);
    }

    /// <summary>The space of locks that this client uses.</summary>
    public string Namespace => options.Namespace;

    /// <summary>Whether a node serves this client at the moment. False before the first lock is asked for.</summary>
    public bool IsConnected => session.IsConnected;

    /// <summary>What went wrong last on the way to the cluster, for people.</summary>
    public string LastProblem => session.LastProblem;

    /// <inheritdoc/>
    public Task<HeldLock> AcquireAsync(params ReadOnlySpan<LockResource> resources) => AcquireAsync(resources.ToArray(), options: null);

    /// <inheritdoc/>
    public Task<HeldLock> AcquireAsync(IReadOnlyCollection<LockResource> resources, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        AcquireAsync(resources, new LockOptions { Timeout = timeout }, cancellationToken);

    /// <inheritdoc/>
    public async Task<HeldLock> AcquireAsync(IReadOnlyCollection<LockResource> resources, LockOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new LockOptions();
        var timeout = options.Timeout ?? Timeout.InfiniteTimeSpan;
        return await WaitAsync(resources, options, timeout, cancellationToken).ConfigureAwait(false)
            ?? throw new LockNotAcquiredException(timeout == TimeSpan.Zero
                ? $"Somebody else holds or awaits {Names(resources)}."
                : $"{Names(resources)} could not be locked within {timeout.TotalSeconds:0.###} s.");
    }

    /// <inheritdoc/>
    public Task<HeldLock?> TryAcquireAsync(params ReadOnlySpan<LockResource> resources) => TryAcquireAsync(resources.ToArray(), TimeSpan.Zero);

    /// <inheritdoc/>
    public Task<HeldLock?> TryAcquireAsync(IReadOnlyCollection<LockResource> resources, TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        TryAcquireAsync(resources, new LockOptions { Timeout = timeout }, cancellationToken);

    /// <inheritdoc/>
    public Task<HeldLock?> TryAcquireAsync(IReadOnlyCollection<LockResource> resources, LockOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return WaitAsync(resources, options, options.Timeout ?? TimeSpan.Zero, cancellationToken);
    }

    /// <summary>Releases all locks, waits up to <see cref="RaftLocksOptions.ReleaseTimeout"/> for the cluster to confirm it, and disconnects.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await session.EndAsync().WaitAsync(options.ReleaseTimeout, clock).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The cluster does not answer: the abandon timeout will end what is left.
        }

        await stop.CancelAsync().ConfigureAwait(false);
        await loop.ConfigureAwait(false);
        session.Dispose();
        ownConnector?.Dispose();
    }

    private async Task<HeldLock?> WaitAsync(IReadOnlyCollection<LockResource> resources, LockOptions lockOptions, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Check(resources);
        LockOptions.Check(lockOptions);
        cancellationToken.ThrowIfCancellationRequested();
        using var activity = Telemetry.Source.StartActivity("raftlocks.acquire", ActivityKind.Client);
        activity?.SetTag("raftlocks.namespace", options.Namespace).SetTag("raftlocks.resources", resources.Count);
        var patience = new Patience(clock, timeout);
        var outcome = "failed";
        try
        {
            var channel = session.Ask([.. resources], lockOptions.Label, patience, lockOptions.Progress);
            using var limit = new WaitLimit(session, channel, clock, options.ReachTimeout);
            await using var cancellation = cancellationToken.Register(() => session.GiveUp(channel, answer => answer.TrySetCanceled(cancellationToken))).ConfigureAwait(false);
            var held = await channel.Answer.Task.ConfigureAwait(false);
            outcome = held is null ? "not_acquired" : "acquired";
            activity?.SetTag("raftlocks.fencing_token", held?.FencingToken);
            return held;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            outcome = "cancelled";
            throw;
        }
        catch (Exception e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            throw;
        }
        finally
        {
            activity?.SetTag("raftlocks.outcome", outcome);
            Telemetry.Answered(outcome, patience.Elapsed);
        }
    }

    private static void Check(IReadOnlyCollection<LockResource> resources)
    {
        ArgumentNullException.ThrowIfNull(resources);
        if (resources.Count is 0 or > ClientMessages.MaxResources || resources.Any(resource => resource is null))
        {
            throw new ArgumentException($"A lock names 1 to {ClientMessages.MaxResources} resources, none of them null.", nameof(resources));
        }
    }

    private static RaftLocksOptions Checked(RaftLocksOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Validate() is { Count: > 0 } wrong ? throw new ArgumentException(string.Join(' ', wrong), nameof(options)) : options;
    }

    private static string NewToken() =>
        Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));

    private static string Names(IReadOnlyCollection<LockResource> resources) => string.Join(", ", resources);
}
