// What nodes ask each other over HTTP, which is not here: one that misses a leader for long asks who the members are
// now, and one that waits to be added asks whether it was.
using RaftLocks.Node.Raft;

namespace RaftLocks.ManyClusters.World;

/// <summary>Asks on behalf of all nodes of one cluster.</summary>
internal sealed class MemberQueries(TestCluster cluster)
{
    private readonly Task[] asking = [.. Enumerable.Repeat(Task.CompletedTask, Pace.Machines)];
    private readonly long[] missedSinceMs = new long[Pace.Machines];
    private volatile bool stopping;
    private Task running = Task.CompletedTask;

    /// <summary>Begins.</summary>
    public void Start() => running = Task.Run(RunAsync);

    /// <summary>Ends.</summary>
    public Task StopAsync()
    {
        stopping = true;
        return running;
    }

    private async Task RunAsync()
    {
        while (!stopping)
        {
            await Task.Delay(Pace.AskEveryMs);
            (Machine Machine, RaftNode Node)[] nodes;
            lock (cluster.Gate)
            {
                nodes =
                [
                    .. cluster
                        .Machines.Where(machine => machine is { State: MachineState.Up, Node: not null })
                        .Select(machine => (machine, machine.Node!)),
                ];
            }

            foreach (var (machine, node) in nodes.Where(one => asking[one.Machine.Number].IsCompleted))
            {
                // What it hears it writes down, on a disk that may hang.
                asking[machine.Number] = Task.Run(() => Ask(machine, node, nodes));
            }
        }
    }

    private void Ask(Machine machine, RaftNode node, (Machine Machine, RaftNode Node)[] nodes)
    {
        var isMember = node.IsMember;
        ref var missedSince = ref missedSinceMs[machine.Number];
        if (isMember && (node.Leader is not null || missedSince == 0))
        {
            missedSince = Environment.TickCount64;
        }

        if (isMember && Environment.TickCount64 - missedSince <= Pace.LeaderMissedMs)
        {
            return;
        }

        missedSince = Environment.TickCount64;
        foreach (
            var (other, asked) in nodes.Where(one =>
                one.Machine != machine && one.Node.IsMember && IsReached(machine, one.Machine)
            )
        )
        {
            try
            {
                if (isMember)
                {
                    node.Observe(asked.AppliedMembers, asked.AppliedMembersIndex);
                }
                else
                {
                    node.ObserveAddition(asked.Members);
                }
            }
            catch (IOException e)
            {
                cluster.Note($"{machine.Name} can't write down what it hears: {e.Message}");
                return;
            }

            if (node.Fatal.IsCompleted)
            {
                cluster.Note($"{machine.Name} hears from {other.Name} that it was removed");
                return;
            }
        }
    }

    private bool IsReached(Machine from, Machine to) =>
        cluster.Network[from.Number, to.Number].IsWell && cluster.Network[to.Number, from.Number].IsWell;
}
