// Lets the steps of a plan befall a cluster.
using RaftLocks.ManyClusters.Checkers;
using RaftLocks.ManyClusters.Disk;
using RaftLocks.ManyClusters.Network;
using RaftLocks.ManyClusters.Plans;

namespace RaftLocks.ManyClusters.World;

/// <summary>Plays one plan.</summary>
internal sealed class StepPlayer(TestCluster cluster, Plan plan, AvailabilityWatch watch)
{
    private readonly MemberChanges changes = new(cluster, watch);
    private readonly List<Task> running = [];
    private readonly Lock finding = new();
    private Machine? follower;
    private Machine? otherFollower;

    /// <summary>Plays all steps, and the time that is left.</summary>
    public async Task PlayAsync()
    {
        var startedAt = Environment.TickCount64;
        foreach (var step in plan.Steps)
        {
            await UntilAsync(startedAt + step.AtMs);
            if (step.Kind == StepKind.AwaitChanges)
            {
                await changes.IdleAsync();
                continue;
            }

            cluster.Note($"step: {step}");
            running.Add(Task.Run(() => PlayAsync(step)));
        }

        await UntilAsync(startedAt + plan.LengthMs);
    }

    /// <summary>
    /// Makes everything as it should be: links, disks, and every machine that belongs to the cluster.
    /// </summary>
    public async Task HealAsync()
    {
        cluster.Note("everything is healed");
        cluster.Network.Heal();
        foreach (var machine in cluster.Machines)
        {
            machine.Disk.Fault = null;
        }

        await Task.WhenAll(running);
        await changes.IdleAsync();
        cluster.Network.Heal();
        await Task.WhenAll(cluster.Machines.Select(cluster.RestartAsync));
    }

    private static async Task UntilAsync(long atMs)
    {
        if (atMs - Environment.TickCount64 is > 0 and var left)
        {
            await Task.Delay((int)left);
        }
    }

    private Task PlayAsync(Step step) =>
        step.Kind switch
        {
            StepKind.PowerCutOfAll => PowerCutOfAllAsync(step),
            StepKind.AddMember => changes.AddAsync(),
            StepKind.RemoveMember => changes.RemoveAsync(() => Find(step)),
            StepKind.Resign => ResignAsync(),
            _ when Find(step) is { } machine => PlayAsync(step, machine),
            _ => Task.CompletedTask,
        };

    private async Task PlayAsync(Step step, Machine machine)
    {
        var network = cluster.Network;
        var (me, others) = (
            machine.Number,
            Enumerable.Range(0, Pace.Machines).Where(other => other != machine.Number).ToArray()
        );
        switch (step.Kind)
        {
            case StepKind.PowerCut or StepKind.Kill:
                cluster.Kill(machine, powerCut: step.Kind == StepKind.PowerCut);
                await Task.Delay(step.ForMs);
                await cluster.RestartAsync(machine);
                break;
            case StepKind.Stop:
                await cluster.StopAsync(machine);
                await Task.Delay(step.ForMs);
                await cluster.RestartAsync(machine);
                break;
            case StepKind.Isolate:
                await CutAsync(step, others.SelectMany(other => new[] { network[me, other], network[other, me] }));
                break;
            case StepKind.Mute:
                await CutAsync(step, others.Select(other => network[me, other]));
                break;
            case StepKind.Deafen:
                await CutAsync(step, others.Select(other => network[other, me]));
                break;
            case StepKind.CutPair:
                await CutAsync(
                    step,
                    others
                        .Where(other => (step.Others >> other & 1) != 0)
                        .SelectMany(other => new[] { network[me, other], network[other, me] })
                );
                break;
            case StepKind.Split:
                await CutAsync(step, Between(step.Others | 1 << me));
                break;
            case StepKind.Delay:
                await ForAsync(
                    step,
                    others.Select(other => network[me, other]),
                    link => link.Delay(10 + (step.Others & 63)),
                    link => link.Delay(0)
                );
                break;
            case StepKind.SwallowConnects:
                await ForAsync(
                    step,
                    others.Select(other => network[other, me]),
                    link => link.Swallow(true),
                    link => link.Swallow(false)
                );
                break;
            case StepKind.DropConnections:
                network.Drop(me);
                break;
            case StepKind.SplitBehind:
                await SplitBehindAsync(step, machine);
                break;
            case StepKind.HangDisk or StepKind.SlowDisk or StepKind.FailDisk or StepKind.FullDisk:
                await FaultAsync(step, machine);
                break;
        }
    }

    private IEnumerable<Link> Between(int side)
    {
        for (var one = 0; one < Pace.Machines; one++)
        {
            for (var other = 0; other < Pace.Machines; other++)
            {
                if ((side >> one & 1) != (side >> other & 1))
                {
                    yield return cluster.Network[one, other];
                }
            }
        }
    }

    private static Task CutAsync(Step step, IEnumerable<Link> links) =>
        ForAsync(step, links, link => link.Cut(true), link => link.Cut(false));

    private static async Task ForAsync(Step step, IEnumerable<Link> links, Action<Link> begin, Action<Link> end)
    {
        Link[] all = [.. links];
        Array.ForEach(all, begin);
        await Task.Delay(step.ForMs);
        Array.ForEach(all, end);
    }

    private static async Task FaultAsync(Step step, Machine machine)
    {
        var kind = step.Kind switch
        {
            StepKind.HangDisk => DiskFaultKind.Hang,
            StepKind.SlowDisk => DiskFaultKind.Slow,
            StepKind.FullDisk => DiskFaultKind.Full,
            _ => DiskFaultKind.Error,
        };
        machine.DiskWasFaulty = true;
        machine.Disk.Fault = new DiskFault(kind, step.Part, DelayMs: 1 + (step.Others & 31));
        await Task.Delay(step.ForMs);
        machine.Disk.Fault = null;
    }

    private async Task PowerCutOfAllAsync(Step step)
    {
        foreach (var machine in cluster.Machines)
        {
            cluster.Kill(machine, powerCut: true);
        }

        await Task.Delay(step.ForMs);
        await Task.WhenAll(cluster.Machines.Select(cluster.RestartAsync));
    }

    private async Task ResignAsync()
    {
        if (cluster.Leaders.Count > 0 && cluster.Leaders[^1].Machine.Node is { } node)
        {
            await node.TransferLeadershipAsync().WaitAsync(TimeSpan.FromMilliseconds(Pace.StopBoundMs));
        }
    }

    private async Task SplitBehindAsync(Step step, Machine machine)
    {
        cluster.Kill(machine, powerCut: false);
        var side =
            1 << machine.Number | 1 << (Find(step with { Machine = Step.OtherFollower })?.Number ?? machine.Number);
        var cut = CutAsync(step, Between(side));
        await cluster.RestartAsync(machine);
        await cut;
    }

    private Machine? Find(Step step)
    {
        lock (finding)
        {
            var leaders = cluster.Leaders.Select(one => one.Machine).ToArray();
            return step.Machine switch
            {
                Step.Leader => leaders.LastOrDefault(),
                Step.Follower => follower ??= cluster.Machines.FirstOrDefault(one =>
                    one.State == MachineState.Up && !leaders.Contains(one) && one != otherFollower
                ),
                Step.OtherFollower => otherFollower ??= cluster.Machines.FirstOrDefault(one =>
                    one.State == MachineState.Up && !leaders.Contains(one) && one != follower
                ),
                _ => cluster.Machines[step.Machine],
            };
        }
    }
}
