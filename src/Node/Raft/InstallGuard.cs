// Stands between the log and the state machine where the library's log goes wrong.
//   - A pass of its flusher that began before a snapshot was installed sees the new end of the log and not the snapshot, and tries to
//     flush entries that were never there. While the snapshot is applied no pass can run: what is left to flush is set behind it.
//   - It applies what is committed from its constructor on, and is told only later where lists of members are kept.
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;

namespace RaftLocks.Node.Raft;

internal sealed class InstallGuard(IStateMachine machine, MembershipStore membership) : IStateMachine
{
    /// <summary>Told of an installed snapshot's index before the log's end moves there.</summary>
    public Action<long>? Installed { get; set; }

    public ISnapshot? Snapshot => machine.Snapshot;

    public ValueTask<long> ApplyAsync(LogEntry entry, CancellationToken token) =>
        entry.IsSnapshot ? InstallAsync(entry, token)
        : entry.IsConfiguration ? ChangeMembersAsync(entry, token)
        : machine.ApplyAsync(entry, token);

    public ValueTask ReclaimGarbageAsync(long watermark, CancellationToken token) => machine.ReclaimGarbageAsync(watermark, token);

    private async ValueTask<long> ChangeMembersAsync(LogEntry entry, CancellationToken token)
    {
        await membership.SaveConfigurationAsync(entry, entry.Index, token);
        return await machine.ApplyAsync(entry, token);
    }

    private async ValueTask<long> InstallAsync(LogEntry entry, CancellationToken token)
    {
        var index = await machine.ApplyAsync(entry, token);
        Installed?.Invoke(index);
        return index;
    }
}
