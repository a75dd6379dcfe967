// A member of the cluster: opens its data in the right order, runs the library's Raft over it, and turns being elected into leaderships.
using System.Net;
using DotNext.Net.Cluster.Consensus.Raft;
using RaftLocks.StateMachine;

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
    private readonly TaskCompletionSource<Halt> fatal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DataFolder folder;
    private readonly MembershipStore membership;
    private readonly ReplicatedLocks locks;
    private readonly DurableLog log;
    private readonly LibraryLog libraryLog;
    private readonly RaftCluster cluster;
    private readonly RaftReplication replication;
    private Task leading = Task.CompletedTask;
    private volatile Leadership? current;
    private bool started;

    /// <summary>Opens the node's data. Nothing is sent or served yet.</summary>
    /// <exception cref="WrongDataDirectoryException">The folder is in use or belongs to another node.</exception>
    /// <exception cref="DamagedDataException">The data can't be vouched for.</exception>
    /// <exception cref="DiskException">The disk is full, read-only or failing.</exception>
    public RaftNode(RaftNodeOptions options, ILeadershipListener listener, ILoggerFactory loggers, TimeProvider time)
    {
        this.options = options;
        this.listener = listener;
        this.time = time;
        logger = loggers.CreateLogger("RaftLocks.Raft");
        folder = OpenFolder(options);
        try
        {
            membership = MembershipStore.Open(folder.MembersFile, options.Name, folder.Incarnation);
            if (membership.Index == 0 && membership.Members.Count == 1 && options.Members.Count == 1)
            {
                // Alone, it may change its address by a restart: nobody else needs to know.
                membership.Found([options.Self with { Incarnation = folder.Incarnation }]);
            }

            membership.Changed = OnMembersChanged;
            membership.Failed = Fail;
            var votes = VoteFile.Open(folder.VoteFile, expected: !folder.IsNew);
            locks = new ReplicatedLocks(new SnapshotStore(folder.SnapshotDirectory, logger), options, logger, Fail);
            RefuseToShareWhatWasRestored();
            var entries = EntryLog.Open(
                folder.LogDirectory, options.LogSegmentBytes, (locks.Snapshot?.Index ?? 0, locks.Snapshot?.Term ?? 0), expected: !folder.IsNew);
            if (entries.LastIndex > entries.MarkedIndex && !folder.IsNew)
            {
                Log.TailFound(logger, entries.MarkedIndex, entries.LastIndex);
            }

            // Elected by nobody, a node that is alone counts its starts as terms: what it lost of one with its memory, a member that is being added may have.
            var leadsAgain = !folder.IsNew && membership is { HasSelf: true, Members.Count: 1 };
            votes.WriteTerm(votes.Term + (leadsAgain ? 1 : 0), forget: leadsAgain);
            log = new DurableLog(entries, votes, membership, locks, options, Fail);
            libraryLog = new LibraryLog(log, folder.UnusedDirectory);
            folder.WriteIdentity();
        }
        catch (Exception e)
        {
            folder.Dispose();
            throw e switch
            {
                DamagedDataException or WrongDataDirectoryException or DiskException or UnauthorizedAccessException => e,
                IOException => new DiskException($"The data folder {options.DataDirectory} can't be read or written: {e.Message}", e),
                _ => new DamagedDataException("The log can't be opened: " + e.Message, e),
            };
        }

        cluster = new RaftCluster(Configuration(loggers)) { AuditTrail = libraryLog };
        replication = new RaftReplication(cluster, () => membership.Members.Count == 1);
        cluster.LeaderChanged += (_, _) => _ = Task.Run(CommitFirstEntryAsync);
        log.MemberLags = () => _ = SendMoreAsync();
    }

    /// <summary>Completes with the reason when the node can't go on; the process must end.</summary>
    public Task<Halt> Fatal => fatal.Task;

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
            var role = !membership.HasSelf ? "joining" : leader is null ? "candidate" : leader.Name != options.Name ? "follower" : "leader";
            return new NodeStatus(
                options.Name, role, cluster.Term, leader?.Name, log.LastCommittedEntryIndex, log.LastAppliedIndex, log.LastEntryIndex);
        }
    }

    /// <summary>The replicated feature level as this node has applied it.</summary>
    public int FeatureLevel => locks.Applied.Read(static machine => machine.FeatureLevel);

    /// <summary>Reads the state while it stands still. Keep it short.</summary>
    public T Read<T>(Func<LockStateMachine, T> read) => locks.Applied.Read(read);

    /// <summary>A snapshot of the state as it stands, taken anew; null if there is nothing yet, or it could not be written.</summary>
    internal async Task<OpenSnapshot?> TakeSnapshotAsync() => await locks.TakeSnapshotAsync() is null ? null : locks.OpenSnapshot();

    /// <summary>Joins the cluster.</summary>
    /// <exception cref="DamagedDataException">The log fails its checksums.</exception>
    /// <exception cref="DiskException">The disk is full, read-only or failing.</exception>
    public async Task StartAsync(CancellationToken token)
    {
        if (!IsFounded)
        {
            Found(options.Members);
        }

        if (Members.Count > 1 && !folder.IsNew)
        {
            // A voter forgets on restart that it has just heard a leader; this long a leader would have kept it from voting.
            await Task.Delay(TimeSpan.FromMilliseconds(options.ElectionTimeoutHighMs), time, token);
        }

        try
        {
            await cluster.StartAsync(token);
        }
        catch (IOException e) when (e is not DiskException)
        {
            throw new DiskException($"The data folder {options.DataDirectory} can't be read or written: {e.Message}", e);
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
        if (Members.Count > 1 && Leader?.Name == options.Name)
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
        await libraryLog.DisposeAsync();
        log.Dispose();
        await locks.FinishSnapshotAsync();
        folder.Dispose();
        stopping.Dispose();
    }

    private static DataFolder OpenFolder(RaftNodeOptions options)
    {
        try
        {
            return DataFolder.Open(options);
        }
        catch (IOException e) when (e is not DiskException)
        {
            throw new DiskException($"The data folder {options.DataDirectory} can't be used: {e.Message}", e);
        }
    }

    /// <summary>Others that know nothing of what was restored here could be a majority without it.</summary>
    private void RefuseToShareWhatWasRestored()
    {
        if (!folder.IsFounded && locks.Snapshot is not null && options.Members.Count != 1)
        {
            throw new WrongDataDirectoryException(
                $"{options.DataDirectory} was restored from a snapshot: start this node alone first, with itself as its only --member; then let the others join it (--join, raftlocks-node member add).");
        }
    }

    private RaftCluster.TcpConfiguration Configuration(ILoggerFactory loggers)
    {
        var self = Members.FirstOrDefault(member => member.Name == options.Name) ?? options.Self;
        var listen = options.RaftListen ?? self.RaftEndPoint as IPEndPoint ?? new IPEndPoint(IPAddress.Any, self.RaftPort);
        var (electionLowMs, electionHighMs) = ElectionSlice;
        return new RaftCluster.TcpConfiguration(listen)
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
    }

    private void Fail(string reason, Exception? cause)
    {
        var halt = cause is IOException or UnauthorizedAccessException
            ? new Halt(cause is DiskException ? cause.Message : new DiskException(reason).Message, IsDisk: true)
            : new Halt(reason, IsDisk: false);
        if (fatal.TrySetResult(halt))
        {
            Log.Fatal(logger, halt.Reason, cause);
        }
    }
}
