// Stands between the log and the state machine for the one moment at which the library's flusher can go wrong. A pass of it that began
// before a snapshot was installed sees the new end of the log and not the snapshot, and tries to flush entries that were never there.
// While the snapshot is applied no pass can run, and so what is left to flush can be set behind it.
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;

namespace RaftLocks.Node.Raft;

internal sealed class InstallGuard(IStateMachine machine) : IStateMachine
{
    /// <summary>Told of an installed snapshot's index before the log's end moves there.</summary>
    public Action<long>? Installed { get; set; }

    public ISnapshot? Snapshot => machine.Snapshot;

    public ValueTask<long> ApplyAsync(LogEntry entry, CancellationToken token) =>
        entry.IsSnapshot ? InstallAsync(entry, token) : machine.ApplyAsync(entry, token);

    public ValueTask ReclaimGarbageAsync(long watermark, CancellationToken token) => machine.ReclaimGarbageAsync(watermark, token);

    private async ValueTask<long> InstallAsync(LogEntry entry, CancellationToken token)
    {
        var index = await machine.ApplyAsync(entry, token);
        Installed?.Invoke(index);
        return index;
    }
}
