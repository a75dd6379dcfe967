// A member of the cluster: opens its data in the right order, runs the library's Raft over it, and turns being elected into leaderships.
using System.Net;
using DotNext.IO.Log;
using DotNext.Net.Cluster;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.Membership;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Raft;

/// <summary>A running member.</summary>
public sealed class RaftNode : IAsyncDisposable
{
    private static readonly TimeSpan HandOverPatience = TimeSpan.FromSeconds(2);

    private readonly RaftNodeOptions options;
    private readonly ILogger logger;
    private readonly TimeProvider time;
    private readonly ILeadershipListener listener;
    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource<string> fatal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DataFolder folder;
    private readonly ReplicatedLocks locks;
    private readonly DurableLog log;
    private readonly RaftCluster cluster;
    private Task leading = Task.CompletedTask;
    private bool started;

    /// <summary>Opens the node's data. Nothing is sent or served yet.</summary>
    /// <exception cref="WrongDataDirectoryException">The folder is in use or belongs to another node.</exception>
    /// <exception cref="DamagedDataException">The data can't be vouched for.</exception>
    public RaftNode(RaftNodeOptions options, ILeadershipListener listener, ILoggerFactory loggers, TimeProvider time)
    {
        if (options.Members.Count is not (1 or 3))
        {
            throw new ArgumentException("A cluster has one member or three.", nameof(options));
        }

        this.options = options;
        this.listener = listener;
        this.time = time;
        logger = loggers.CreateLogger("RaftLocks.Raft");
        folder = DataFolder.Open(options);
        try
        {
            var voteCopy = VoteCopy.Open(folder.VoteCopyFile, expected: !folder.IsNew);
            locks = new ReplicatedLocks(new SnapshotStore(folder.SnapshotDirectory, logger), options, logger, Fail);
            var cutMark = new CutMark(folder.CutMarkFile);
            if (cutMark.Recover(folder.CheckpointFile) is { } cutFrom)
            {
                Log.TailDropped(logger, cutFrom);
            }

            log = new DurableLog(LogOptions(folder.LogDirectory), locks, voteCopy, cutMark, options, Fail);
            voteCopy.Create();
            folder.WriteIdentity(options);
        }
        catch (Exception e)
        {
            folder.Dispose();
            throw e is DamagedDataException or WrongDataDirectoryException or IOException or UnauthorizedAccessException
                ? e
                : new DamagedDataException("The log can't be opened: " + e.Message, e);
        }

        cluster = new RaftCluster(Configuration(loggers)) { AuditTrail = log };
    }

    /// <summary>Completes with the reason when the node can't go on; the process must end.</summary>
    public Task<string> Fatal => fatal.Task;

    /// <summary>The leadership that this node is in, if any.</summary>
    public Leadership? Current { get; private set; }

    /// <summary>The leader as this node knows it, itself included; null while there is none.</summary>
    public Member? Leader
    {
        get
        {
            var known = cluster.Leader?.EndPoint;
            return known is null ? null : options.Members.FirstOrDefault(member => known.Equals(member.RaftEndPoint));
        }
    }

    /// <summary>All members.</summary>
    public IReadOnlyList<Member> Members => options.Members;

    /// <summary>The node as it stands.</summary>
    public NodeStatus Status
    {
        get
        {
            var leader = Leader;
            var role = leader is null ? "candidate" : leader.Name != options.Name ? "follower" : "leader";
            return new NodeStatus(
                options.Name, role, cluster.Term, leader?.Name, log.LastCommittedEntryIndex, log.LastAppliedIndex, log.LastEntryIndex);
        }
    }

    /// <summary>Reads the state while it stands still. Keep it short.</summary>
    public T Read<T>(Func<LockStateMachine, T> read) => locks.Read(read);

    /// <summary>Joins the cluster.</summary>
    /// <exception cref="DamagedDataException">The log fails its checksums.</exception>
    public async Task StartAsync(CancellationToken token)
    {
        if (options.Members.Count > 1 && !folder.IsNew)
        {
            // A voter forgets on restart that it has just heard a leader; this long a leader would have kept it from voting.
            await Task.Delay(TimeSpan.FromMilliseconds(options.ElectionTimeoutHighMs), time, token);
        }

        try
        {
            await cluster.StartAsync(token);
        }
        catch (IntegrityException e)
        {
            throw new DamagedDataException("The log is damaged: " + e.Message, e);
        }

        started = true;
        leading = LeadWheneverElectedAsync();
    }

    /// <summary>Leaves: a leader hands over first.</summary>
    public async Task StopAsync(CancellationToken token)
    {
        if (!started)
        {
            return;
        }

        started = false;
        await stopping.CancelAsync();
        await leading;
        if (options.Members.Count > 1 && Leader?.Name == options.Name)
        {
            await HandOverAsync(token);
        }

        await cluster.StopAsync(CancellationToken.None);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        await cluster.DisposeAsync();
        await log.DisposeAsync();
        await locks.FinishSnapshotAsync();
        folder.Dispose();
        stopping.Dispose();
    }

    private static WriteAheadLog.Options LogOptions(string directory) => new()
    {
        Location = directory,
        ChunkSize = 4 << 20,
        HashAlgorithm = WriteAheadLog.IntegrityHashAlgorithm.XxHash3,
        MemoryManagement = WriteAheadLog.MemoryManagementStrategy.PrivateMemory,
    };

    private RaftCluster.TcpConfiguration Configuration(ILoggerFactory loggers)
    {
        var self = options.Self;
        var listen = self.RaftEndPoint as IPEndPoint ?? new IPEndPoint(IPAddress.Any, self.RaftPort);
        var configuration = new RaftCluster.TcpConfiguration(listen)
        {
            ConfigurationStorage = null!,
            PublicEndPoint = self.RaftEndPoint,
            LowerElectionTimeout = options.ElectionTimeoutLowMs,
            UpperElectionTimeout = options.ElectionTimeoutHighMs,
            RequestTimeout = TimeSpan.FromMilliseconds(options.RequestTimeoutMs),
            ConnectTimeout = TimeSpan.FromMilliseconds(options.ConnectTimeoutMs),
            IsLeaderLeaseEnabled = true,
            ColdStart = false,
            LoggerFactory = loggers,
        };
        var members = ((InMemoryClusterConfigurationStorage<EndPoint>)configuration.ConfigurationStorage).CreateInitialConfigurationBuilder();
        foreach (var member in options.Members)
        {
            members.Add(member.RaftEndPoint);
        }

        members.Build();
        return configuration;
    }

    private async Task LeadWheneverElectedAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var elected = await cluster.WaitForLeadershipAsync(stopping.Token);
                var term = log.LeadershipTerm;
                var askedAt = time.GetTimestamp();
                using var attempt = CancellationTokenSource.CreateLinkedTokenSource(elected, stopping.Token);
                await cluster.ApplyReadBarrierAsync(ReadBarrierType.Strong, attempt.Token);
                if (!attempt.IsCancellationRequested)
                {
                    await LeadAsync(term, askedAt, elected);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or QuorumUnreachableException)
            {
                // Not elected after all, or stopping. The pause keeps a library that says "leader" for a moment longer from spinning.
                await Task.Delay(10, CancellationToken.None);
            }
            catch (Exception e)
            {
                Fail("Leading failed unexpectedly: " + e.Message, e);
                return;
            }
        }
    }

    private async Task LeadAsync(long term, long askedAt, CancellationToken elected)
    {
        using var leadership = new Leadership(term, askedAt, options, time);
        var live = locks.Begin(leadership, listener);
        Current = leadership;
        Log.Leading(logger, options.Name, term, live);
        var proposing = new Proposer(cluster, leadership, options, time, logger).RunAsync();
        var reason = await KeepLeaseAsync(leadership, elected);
        Current = null;
        leadership.End();
        locks.End(leadership);
        Log.NotLeading(logger, options.Name, term, reason);
        await proposing;
        if (!stopping.IsCancellationRequested && !elected.IsCancellationRequested)
        {
            await ((ICluster)cluster).ResignAsync(CancellationToken.None);
        }
    }

    /// <summary>Asks a majority again and again whether this node still leads; returns why it no longer does.</summary>
    private async Task<string> KeepLeaseAsync(Leadership leadership, CancellationToken elected)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(elected, stopping.Token);
        var tick = TimeSpan.FromMilliseconds(options.LeaseMs / 4.0);
        var asking = Task.CompletedTask;
        while (!ending.IsCancellationRequested)
        {
            if (leadership.SinceConfirmed.TotalMilliseconds > options.LeaderSilenceMs)
            {
                return $"no majority has answered for {leadership.SinceConfirmed.TotalMilliseconds:F0} ms";
            }

            if (asking.IsCompleted && leadership.SinceConfirmed > tick)
            {
                asking = AskAsync(leadership, ending.Token);
            }

            await Task.Delay(tick, time, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return stopping.IsCancellationRequested ? "it stops" : "another term has begun";
    }

    private async Task AskAsync(Leadership leadership, CancellationToken token)
    {
        var askedAt = time.GetTimestamp();
        try
        {
            await cluster.ApplyReadBarrierAsync(ReadBarrierType.Strong, token);
            leadership.Confirm(askedAt);
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or QuorumUnreachableException)
        {
            // The clock readings tell the rest.
        }
    }

    private async Task HandOverAsync(CancellationToken token)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(token);
        patience.CancelAfter(HandOverPatience);
        try
        {
            await ((ICluster)cluster).ResignAsync(patience.Token);
            while (Leader is not { } successor || successor.Name == options.Name)
            {
                await Task.Delay(20, patience.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody took over in time; the others will elect when they miss this node.
        }
    }

    private void Fail(string reason, Exception? cause)
    {
        Log.Fatal(logger, reason, cause);
        fatal.TrySetResult(reason);
    }
}
