// While some majority of the members is healthy (its machines run, their disks do what they are told, and they reach
// each other both ways), something is committed within a bound, whatever the other machines do. Looked at again and
// again while a schedule is played.
using System.Numerics;
using RaftLocks.ManyClusters.World;

namespace RaftLocks.ManyClusters.Checkers;

/// <summary>Watches one cluster.</summary>
internal sealed class AvailabilityWatch(TestCluster cluster, Clients clients)
{
    private const int EveryMs = 20;

    private readonly long[] healthySinceMs = new long[1 << Pace.Machines];
    private volatile bool stopping;
    private Task running = Task.CompletedTask;
    private long membersChangedAtMs;

    /// <summary>The longest time without a commit while a majority was healthy.</summary>
    public long WorstMs { get; private set; }

    /// <summary>Begins.</summary>
    public void Start() => running = Task.Run(RunAsync);

    /// <summary>Ends.</summary>
    public async Task StopAsync()
    {
        stopping = true;
        await running;
    }

    /// <summary>A change of the members has begun or ended: who must agree is not known for a moment.</summary>
    public void MembersChange() => Interlocked.Exchange(ref membersChangedAtMs, StallMeter.NowMs);

    private async Task RunAsync()
    {
        var told = false;
        Array.Fill(healthySinceMs, StallMeter.NowMs);
        while (!stopping)
        {
            var now = StallMeter.NowMs;
            var since = Math.Max(Since(now), Interlocked.Read(ref membersChangedAtMs));
            var without = now - Math.Max(since, clients.LastCommitAtMs);
            if (without > WorstMs)
            {
                WorstMs = without;
            }

            if (without > Pace.CommitBoundMs && !told)
            {
                told = true;
                cluster.NoteStatus();
                cluster.Violate(
                    "a healthy majority commits",
                    $"nothing was committed for {without} ms, healthy for {now - since} ms"
                );
            }

            await Task.Delay(EveryMs, CancellationToken.None);
        }
    }

    /// <summary>Since when some majority has been healthy without a break; now, if none is.</summary>
    private long Since(long now)
    {
        var (members, well) = (0, 0);
        lock (cluster.Gate)
        {
            // Whoever knows the latest change says who the members are.
            var best = cluster
                .Machines.Where(machine => machine is { State: MachineState.Up, Node: not null })
                .MaxBy(machine => machine.Node!.MembersIndex);
            if (best is null)
            {
                Array.Fill(healthySinceMs, now);
                return now;
            }

            foreach (var member in best.Node!.Members)
            {
                members |= 1 << (member.Name[1] - '1');
            }

            foreach (
                var machine in cluster.Machines.Where(machine =>
                    machine is { State: MachineState.Up, Disk.Fault: null }
                )
            )
            {
                well |= 1 << machine.Number;
            }
        }

        var earliest = now;
        for (var set = 1; set < healthySinceMs.Length; set++)
        {
            if ((set & well & members) != set || !AreConnected(set))
            {
                healthySinceMs[set] = now;
            }
            else if (BitOperations.PopCount((uint)set) > BitOperations.PopCount((uint)members) / 2)
            {
                earliest = Math.Min(earliest, healthySinceMs[set]);
            }
        }

        return earliest;
    }

    private bool AreConnected(int set)
    {
        for (var one = 0; one < Pace.Machines; one++)
        {
            for (var other = 0; other < Pace.Machines; other++)
            {
                if (one != other && (set >> one & set >> other & 1) != 0 && !cluster.Network[one, other].IsWell)
                {
                    return false;
                }
            }
        }

        return true;
    }
}
