// What a node does when its disk hangs. A leader whose entries, vote or members wait for the disk gives up leadership,
// and stays out of elections until the disk works again. A node whose write does not come back at all ends, as the
// others can't tell it from a healthy one.
using DotNext.Net.Cluster.Consensus.Raft.Extensions;
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.Node.Raft;

/// <content>A disk that hangs.</content>
public sealed partial class RaftNode
{
    private static readonly TimeSpan LookAtDiskEvery = TimeSpan.FromMilliseconds(100);
    private int stepsAside;

    private DiskWatch WatchDisk() =>
        new(
            TimeSpan.FromMilliseconds(options.DiskStallMs),
            TimeSpan.FromMilliseconds(options.DiskHangMs),
            OnDiskStalls,
            OnDiskHangs,
            time
        );

    private void OnDiskHangs(DiskOperation operation)
    {
        var hangs = new DiskException(
            $"A write to {operation.What} has not come back for {operation.UnderWay.TotalSeconds:F0} s "
                + $"({operation.Path}): the disk hangs"
        );
        Fail(hangs.Message, hangs);
        options.DiskHung?.Invoke();
    }

    private void OnDiskStalls(DiskOperation operation)
    {
        // A node that is alone has no other member to leave leadership to.
        if (started && !replication.IsAlone)
        {
            var underWayMs = operation.UnderWay.TotalMilliseconds;
            var reason = $"a write to {operation.What} has been under way for {underWayMs:F0} ms";
            _ = Task.Run(() => StepAsideAsync(reason));
        }
    }

    private async Task StepAsideAsync(string reason)
    {
        if (current is null || Interlocked.Exchange(ref stepsAside, 1) == 1)
        {
            return;
        }

        try
        {
            Log.StepsAside(logger, options.Name, reason);
            current?.GiveUp(reason);
            await replication.ResignAsync(stopping.Token);
            if (await StandByAsync(stopping.Token))
            {
                while (disk.IsStalled)
                {
                    await Task.Delay(LookAtDiskEvery, time, stopping.Token);
                }

                await ((IStandbyModeSupport)cluster).RevertToNormalModeAsync(stopping.Token);
            }
        }
        catch (Exception e) when (IReplication.IsLost(e))
        {
            // Another leads already, or the node stops.
        }
        finally
        {
            Volatile.Write(ref stepsAside, 0);
        }
    }

    /// <summary>Takes part in elections only as a voter from now on.</summary>
    /// <returns>False if this node became the leader again before that.</returns>
    private async Task<bool> StandByAsync(CancellationToken token)
    {
        // A node that has just resigned may change its state again meanwhile.
        while (Leader?.Name != options.Name)
        {
            if (await ((IStandbyModeSupport)cluster).EnableStandbyModeAsync(token))
            {
                return true;
            }

            if (((IStandbyModeSupport)cluster).Standby)
            {
                return false;
            }

            await Task.Delay(FirstEntryRetryInterval, time, token);
        }

        return false;
    }
}
