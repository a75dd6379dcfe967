// The log and its entries as the Raft library sees them. Its log's interface can't be implemented outside of it (the
// setter of one property is internal), so the adapter derives from the library's log, which stays empty, and puts ours
// in the place of every member but that property.
using System.Runtime.InteropServices;
using DotNext.IO;
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

/// <summary>One entry.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct RaftEntry(ReadOnlyMemory<byte> content, long term, int? commandId, bool isConfiguration)
    : IRaftLogEntry
{
    public ReadOnlyMemory<byte> Content { get; } = content;

    public long Term { get; } = term;

    public int? CommandId { get; } = commandId;

    public bool IsConfiguration { get; } = isConfiguration;

    public bool IsReusable => true;

    public long? Length => Content.Length;

    /// <summary>Copies what the library hands over.</summary>
    public static async ValueTask<RaftEntry> FromAsync<TEntry>(TEntry entry, CancellationToken token)
        where TEntry : IRaftLogEntry
    {
        if (entry.IsSnapshot)
        {
            throw new InvalidOperationException("A snapshot is no entry of the log.");
        }

        var content = entry.TryGetMemory(out var memory) ? memory : await entry.ToByteArrayAsync(token: token);
        return new RaftEntry(content, entry.Term, entry.CommandId, entry.IsConfiguration);
    }

    /// <summary>Reads the entries of one exchange whole from the wire.</summary>
    public static async ValueTask<List<RaftEntry>> ReadAllAsync<TEntry>(
        ILogEntryProducer<TEntry> entries,
        CancellationToken token
    )
        where TEntry : IRaftLogEntry
    {
        var received = new List<RaftEntry>((int)Math.Min(entries.RemainingCount, 1 << 16));
        while (await entries.MoveNextAsync())
        {
            var entry = entries.Current;
            var content = await entry.ToByteArrayAsync(token: token);
            received.Add(
                entry.IsSnapshot
                    ? throw new InvalidOperationException("A snapshot can't be part of an exchange of entries.")
                    : new RaftEntry(content, entry.Term, entry.CommandId, entry.IsConfiguration)
            );
        }

        return received;
    }

    public bool TryGetMemory(out ReadOnlyMemory<byte> memory)
    {
        memory = Content;
        return true;
    }

    public ValueTask WriteToAsync<TWriter>(TWriter writer, CancellationToken token)
        where TWriter : IAsyncBinaryWriter => writer.WriteAsync(Content, null, token);
}
