// The log as the Raft library sees it. Its interface can't be implemented outside of it (the setter of one property is
// internal), so this derives from the log of its own, which stays empty, and puts ours in the place of every member but
// that property.
using DotNext.IO.Log;
using DotNext.Net.Cluster;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;

namespace RaftLocks.Node.Raft.Storage;

/// <summary>Forwards each call of the library to our log.</summary>
internal sealed class DotNextLogAdapter : WriteAheadLog, IPersistentState
{
    private readonly DurableLog log;

    /// <summary>Makes the empty log anew in a folder of its own.</summary>
    public DotNextLogAdapter(DurableLog log, string unusedFolder)
        : base(
            new Options { Location = Emptied(unusedFolder), MemoryManagement = MemoryManagementStrategy.PrivateMemory },
            IStateMachine.CreateNoOp()
        ) => this.log = log;

    long IAuditTrail.LastEntryIndex => log.VisibleIndex;

    long IAuditTrail.LastCommittedEntryIndex => log.LastCommittedEntryIndex;

    bool IAuditTrail.IsLogEntryLengthAlwaysPresented => true;

    long IPersistentState.Term => log.Term;

    int IPersistentState.Version => 0;

    Task IAuditTrail.InitializeAsync(CancellationToken token) => Task.CompletedTask;

    ValueTask IAuditTrail<IRaftLogEntry>.AppendAsync<TEntry>(
        ILogEntryProducer<TEntry> entries,
        long startIndex,
        bool skipCommitted,
        CancellationToken token
    ) => log.AppendAsync(entries, startIndex, token);

    ValueTask IAuditTrail<IRaftLogEntry>.AppendAsync<TEntry>(TEntry entry, long startIndex, CancellationToken token) =>
        entry.IsSnapshot
            ? log.InstallAsync(entry, startIndex, token)
            : log.AppendAsync(LogEntryProducer<TEntry>.Of(entry), startIndex, token);

    ValueTask<long> IAuditTrail<IRaftLogEntry>.AppendAsync<TEntry>(TEntry entry, CancellationToken token) =>
        log.AppendAsync(entry, token);

    ValueTask<long> IAuditTrail.CommitAsync(long endIndex, CancellationToken token) => log.CommitAsync(endIndex);

    ValueTask IAuditTrail.WaitForApplyAsync(long index, CancellationToken token) => log.WaitForApplyAsync(index, token);

    ValueTask IAuditTrail.WaitForApplyAsync(CancellationToken token) => log.WaitForApplyAsync(token);

    ValueTask<TResult> IAuditTrail<IRaftLogEntry>.ReadAsync<TResult>(
        ILogEntryConsumer<IRaftLogEntry, TResult> reader,
        long startIndex,
        long endIndex,
        CancellationToken token
    ) => log.ReadAsync(reader, startIndex, endIndex, token);

    bool IPersistentState.IsVotedFor(in ClusterMemberId id) => log.MayVoteFor(id);

    ValueTask<long> IPersistentState.IncrementTermAsync(ClusterMemberId member, CancellationToken token) =>
        Try(() => log.IncrementTerm(member));

    ValueTask IPersistentState.UpdateTermAsync(long term, bool resetLastVote, CancellationToken token) =>
        Try(() => log.UpdateTerm(term, resetLastVote));

    ValueTask IPersistentState.UpdateVotedForAsync(ClusterMemberId member, CancellationToken token) =>
        Try(() => log.Vote(member));

    private static string Emptied(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        return folder;
    }

    private static ValueTask Try(Action promise)
    {
        try
        {
            promise();
            return ValueTask.CompletedTask;
        }
        catch (Exception e)
        {
            return ValueTask.FromException(e);
        }
    }

    private static ValueTask<T> Try<T>(Func<T> promise)
    {
        try
        {
            return ValueTask.FromResult(promise());
        }
        catch (Exception e)
        {
            return ValueTask.FromException<T>(e);
        }
    }
}
