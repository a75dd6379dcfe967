// A snapshot that the leader sends is checked and durable before it is acknowledged; the state is made of it when it is
// next needed, so that the leader, which waits for an answer within a bound, does not wait for that too.
using DotNext.IO;
using RaftLocks.Node.Raft.Storage;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Raft;

/// <content>Installing.</content>
internal sealed partial class SnapshotKeeper
{
    /// <inheritdoc/>
    public async Task InstallAsync<TEntry>(TEntry sent, Action accepted, CancellationToken token)
        where TEntry : IDataTransferObject
    {
        var file = await store.ReceiveAsync(sent, accepted, token);
        var opened = file.Open();
        host.Replace(() => RestoreInstalled(opened));
        using (gate.Enter())
        {
            newest = file;
            pace.Installed(opened.Length ?? 0);
            restoring = Task.Run(() => host.Read(static machine => machine.AppliedIndex), CancellationToken.None);
        }

        options.Metrics?.Snapshot(opened.Length ?? 0, TimeSpan.Zero);
    }

    private LockStateMachine RestoreInstalled(OpenSnapshot opened)
    {
        using (opened)
        {
            try
            {
                return SnapshotFormat.Restore(opened.Stream, hashSeed, out var restored) is { } wrong
                    ? throw new InvalidDataException(wrong)
                    : restored!;
            }
            catch (Exception e)
            {
                // Whatever it is, the disk or want of memory: the log counts on the state, and there is none.
                fatal(
                    $"The snapshot at index {opened.Index}, which the leader sent, can't be restored: {e.Message}",
                    e
                );
                throw;
            }
        }
    }
}
