// A member of the cluster: opens its data in the right order, runs the library's Raft over it, and turns being elected
// into leaderships.
using System.Net;
using System.Net.Sockets;
using DotNext.Net.Cluster.Consensus.Raft;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft.Files;
using RaftLocks.Node.Raft.Membership;
using RaftLocks.Node.Raft.Storage;
using RaftLocks.Node.Raft.Transport;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Raft;

/// <summary>A running member.</summary>
public sealed partial class RaftNode : IAsyncDisposable
{
    // A member that is added catches up in pieces, one a round; how long that may take is bounded elsewhere.
    private const int WarmupRounds = 1_000;

    private readonly RaftNodeOptions options;
    private readonly ILogger logger;
    private readonly TimeProvider time;
    private readonly ILeadershipListener listener;
    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource<FatalError> fatal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DiskWatch disk;
    private readonly DataFolder folder;
    private readonly MembershipStore membership;
    private readonly StateMachineHost host;
    private readonly SnapshotKeeper snapshots;
    private readonly DurableLog log;
    private readonly DotNextLogAdapter logAdapter;
    private readonly MemberAdmission admission;
    private readonly RaftTransport transport;
    private readonly RaftCluster cluster;
    private readonly RaftReplication replication;
    private Task leading = Task.CompletedTask;
    private volatile Leadership? current;
    private bool started;

    /// <summary>Opens the node's data. Nothing is sent or served yet.</summary>
    /// <exception cref="WrongDataDirectoryException">The folder is in use or belongs to another node.</exception>
    /// <exception cref="DamagedDataException">The data can't be trusted.</exception>
    /// <exception cref="NewerDataException">A newer version wrote the data; nothing was changed.</exception>
    /// <exception cref="DiskException">The disk is full, read-only or failing.</exception>
    /// <exception cref="OutOfResourcesException">There is no memory, open file or thread left.</exception>
    public RaftNode(RaftNodeOptions options, ILeadershipListener listener, ILoggerFactory loggers, TimeProvider time)
    {
        this.options = options;
        this.listener = listener;
        this.time = time;
        logger = loggers.CreateLogger("RaftLocks.Raft");
        disk = WatchDisk();
        var files = new WatchedFileSystem(options.FileSystem ?? OsFileSystem.Instance, disk);
        this.options = options = options with { FileSystem = files };
        try
        {
            folder = OpenFolder(options);
        }
        catch
        {
            disk.Dispose();
            throw;
        }

        try
        {
            folder.BeginFirstStart();
            membership = MembershipStore.Open(files, folder.MembersFile, options.Name, folder.Incarnation);
            membership.Changed = OnMembersChanged;
            membership.Failed = Fail;
            membership.Introduce(options.Members);
            var hardState = HardStateFile.Open(files, folder.HardStateFile, expected: !folder.IsNew);
            var store = new SnapshotStore(files, folder.SnapshotDirectory, logger);
            var loaded = LoadedState.Read(store);
            host = new StateMachineHost(loaded.Machine, options.ApplyObserver, options.Metrics, Fail);
            RefuseToShareWhatWasRestored(loaded);
            var entries = EntryLog.Open(
                files,
                folder.LogDirectory,
                options.LogSegmentBytes,
                loaded.Position,
                expected: !folder.IsNew
            );
            if (entries.LastIndex > entries.MarkedIndex && !folder.IsNew)
            {
                Log.TailFound(logger, entries.MarkedIndex, entries.LastIndex);
            }

            membership.Recover(DurableLog.ConfigurationsIn(entries));
            CheckOwnAddress();

            // A node that is alone is elected by nobody, so it counts its starts as terms. It may have lost entries of
            // an earlier term from memory that a member which is being added has.
            var leadsAgain = !folder.IsNew && membership is { HasSelf: true, Members.Count: 1 };
            hardState.Enter(hardState.Term + (leadsAgain ? 1 : 0), forget: leadsAgain);
            hardState.Flush();
            snapshots = new SnapshotKeeper(store, loaded, host, entries, options, logger, Fail);
            log = new DurableLog(entries, hardState, membership, host, snapshots, options.CatchUpBytes, Fail);
            logAdapter = new DotNextLogAdapter(log, folder.UnusedDirectory);
            folder.WriteIdentity();
        }
        catch (Exception e)
        {
            folder.Dispose();
            disk.Dispose();
            if (Unusable(options, e) is { } told)
            {
                throw told;
            }

            throw;
        }

        admission = new MemberAdmission(membership, log, options.Metrics, time, logger);
        transport = new RaftTransport(options.Transport, admission, () => membership.Members.Count, time, logger, Fail);
        cluster = new RaftCluster(Configuration(loggers)) { AuditTrail = logAdapter };
        replication = new RaftReplication(cluster, () => membership.Members.Count == 1);
        cluster.LeaderChanged += (_, _) => _ = Task.Run(CommitFirstEntryAsync);
        Builds = new MemberBuilds(() => FeatureLevel, logger);
        log.Builds = Builds;
        log.MemberLags = () => _ = SendMoreAsync();
        log.IsInForce = IsInForce;
        log.CompleteRoundAsync = token => cluster.ForceReplicationAsync(token).AsTask();
        log.TakeOverFailed = () => _ = Task.Run(() => TransferLeadershipAsync(stopping.Token));
        log.VoidElectionWon = () => _ = Task.Run(StandForElectionAgainAsync);
    }

    /// <summary>Completes with the reason when the node can't go on; the process must end.</summary>
    public Task<FatalError> Fatal => fatal.Task;

    /// <summary>The leadership that this node is in, if any.</summary>
    public Leadership? Current => current is { Ended.IsCancellationRequested: false } leadership ? leadership : null;

    /// <summary>The leader as this node knows it, itself included; null while there is none.</summary>
    public Member? Leader
    {
        get
        {
            var known = cluster.Leader?.EndPoint;
            return known is null ? null : Members.FirstOrDefault(member => known.Equals(member.RaftEndPoint));
        }
    }

    /// <summary>The node as it stands.</summary>
    public NodeStatus Status
    {
        get
        {
            var leader = Leader;
            var role =
                !IsMember ? "joining"
                : leader is null ? "candidate"
                : leader.Name != options.Name ? "follower"
                : "leader";
            return new NodeStatus(
                options.Name,
                role,
                cluster.Term,
                leader?.Name,
                log.LastCommittedEntryIndex,
                log.LastAppliedIndex,
                log.LastEntryIndex
            );
        }
    }

    /// <inheritdoc cref="StateMachineHost.Auth"/>
    public AuthState Auth => host.Auth;

    /// <summary>The replicated feature level as this node has applied it.</summary>
    public int FeatureLevel => host.Read(static machine => machine.FeatureLevel);

    /// <summary>The versions that the other members' builds can read.</summary>
    internal MemberBuilds Builds { get; }

    /// <summary>The digests of the last entries that were applied one by one, oldest first.</summary>
    internal DigestPoint[] RecentDigests => host.RecentDigests;

    /// <summary>Reads the state while it stands still. Keep it short.</summary>
    public T Read<T>(Func<LockStateMachine, T> read) => host.Read(read);

    /// <summary>
    /// A snapshot of the state as it stands, taken anew; null if there is nothing yet, or it could not be written.
    /// </summary>
    internal async Task<OpenSnapshot?> TakeSnapshotAsync() =>
        await snapshots.TakeAsync() is null ? null : snapshots.Open();

    /// <summary>Starts Raft.</summary>
    /// <exception cref="DamagedDataException">The log fails its checksums.</exception>
    /// <exception cref="DiskException">The disk is full, read-only or failing.</exception>
    public async Task StartAsync(CancellationToken token)
    {
        if (!IsBootstrapped)
        {
            Bootstrap(options.Members);
        }

        if (Members.Count > 1 && OnlyAlone is { } reason)
        {
            throw new WrongSettingException(reason);
        }

        if (Members.Count > 1 && !folder.IsNew)
        {
            // A voter forgets on restart that a leader has just contacted it. It waits for as long as that leader would
            // have kept it from voting.
            await Task.Delay(TimeSpan.FromMilliseconds(options.ElectionTimeoutHighMs), time, token);
        }

        try
        {
            await cluster.StartAsync(token);
        }
        catch (IOException e) when (e is not (DiskException or OutOfResourcesException))
        {
            throw Unusable(options, e)!;
        }

        started = true;
        leading = LeadWheneverElectedAsync();
    }

    /// <summary>Leaves the cluster: a leader transfers its leadership first.</summary>
    public async Task StopAsync(CancellationToken token)
    {
        if (!started)
        {
            return;
        }

        started = false;
        await stopping.CancelAsync();
        await leading;
        if (Members.Count > 1 && Leader?.Name == options.Name)
        {
            await TransferLeadershipAsync(token);
        }

        await cluster.StopAsync(CancellationToken.None);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        await cluster.DisposeAsync();
        transport.Dispose();
        await logAdapter.DisposeAsync();
        snapshots.Dispose();
        log.Dispose();
        await snapshots.FinishAsync();
        folder.Dispose();
        disk.Dispose();
        stopping.Dispose();
    }

    private static DataFolder OpenFolder(RaftNodeOptions options)
    {
        try
        {
            return DataFolder.Open(options);
        }
        catch (IOException e) when (e is not (DiskException or OutOfResourcesException))
        {
            throw Unusable(options, e)!;
        }
    }

    /// <summary>
    /// Says what an exception means for the data folder, and what to do; null where the exception says it itself, or is
    /// a defect of the program.
    /// </summary>
    private static IOException? Unusable(RaftNodeOptions options, Exception e) =>
        e switch
        {
            DiskException or OutOfResourcesException => null,
            _ when NewerDataException.In(e) is not null => null,
            _ when OutOfResourcesException.IsIn(e) => new OutOfResourcesException(
                $"The data folder {options.DataDirectory} can't be opened: {e.Message}",
                e
            ),
            IOException => new DiskException(
                $"The data folder {options.DataDirectory} can't be read or written: {e.Message}",
                e
            ),
            _ => null,
        };

    /// <summary>Other members that do not have the restored state could be a majority without it.</summary>
    private void RefuseToShareWhatWasRestored(LoadedState loaded)
    {
        if (!folder.IsBootstrapped && loaded.Snapshot is not null && options.Members.Count != 1)
        {
            throw new WrongDataDirectoryException(
                $"{options.DataDirectory} was restored from a snapshot: start this node alone first, with itself as its"
                    + " only --member; then let the others join it (--join, raftlocks member add)."
            );
        }
    }

    private RaftCluster.CustomTransportConfiguration Configuration(ILoggerFactory loggers)
    {
        var self = Members.FirstOrDefault(member => member.Name == options.Name) ?? options.Self;
        var listen =
            options.RaftListen
            ?? self.RaftEndPoint as IPEndPoint
            ?? new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, self.RaftPort);
        var (electionLowMs, electionHighMs) = ElectionTimeoutRange;
        var configuration = new RaftCluster.CustomTransportConfiguration(listen, transport, transport)
        {
            ConfigurationStorage = membership,
            PublicEndPoint = self.RaftEndPoint,
            LowerElectionTimeout = electionLowMs,
            UpperElectionTimeout = electionHighMs,
            HeartbeatThreshold = options.LeaseMs / (double)(HeartbeatsPerLease * electionLowMs),
            RequestTimeout = TimeSpan.FromMilliseconds(options.RequestTimeoutMs),
            ConnectTimeout = TimeSpan.FromMilliseconds(options.ConnectTimeoutMs),
            WarmupRounds = WarmupRounds,
            IsLeaderLeaseEnabled = true,
            ColdStart = false,
            LoggerFactory = loggers,
        };
        AnnounceAddresses(configuration.Metadata);
        return configuration;
    }

    /// <summary>Ends the node because a part of it outside of this room has found no memory.</summary>
    internal void EndOutOfMemory(Exception cause) =>
        Fail("A client's request found no memory: " + cause.Message, cause);

    private void Fail(string reason, Exception? cause)
    {
        var fatalError = FatalError.Of(reason, cause);
        if (fatal.TrySetResult(fatalError))
        {
            if (fatalError.Kind == FatalErrorKind.Contradiction)
            {
                Log.Contradicted(logger, fatalError.Reason);
            }
            else
            {
                Log.Fatal(logger, fatalError.Reason, cause);
            }
        }
    }
}
