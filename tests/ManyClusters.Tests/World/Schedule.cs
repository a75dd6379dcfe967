// One schedule from beginning to end: a cluster is bootstrapped, works, suffers, is healed, and is checked.
using System.Diagnostics;
using RaftLocks.ManyClusters.Checkers;
using RaftLocks.ManyClusters.Plans;

namespace RaftLocks.ManyClusters.World;

/// <summary>What came of a schedule.</summary>
internal sealed record Outcome(
    Plan Plan,
    IReadOnlyList<Violation> Violations,
    IReadOnlyCollection<string> Events,
    long Committed,
    long WorstWithoutCommitMs,
    TimeSpan Took
);

/// <summary>Plays schedules.</summary>
internal static class Schedule
{
    /// <summary>Plays one.</summary>
    public static async Task<Outcome> PlayAsync(Plan plan)
    {
        var began = Stopwatch.GetTimestamp();
        var cluster = new TestCluster(plan.Seed, plan.InitialMembers);
        var clients = new Clients(cluster, plan.Seed);
        var watch = new AvailabilityWatch(cluster, clients);
        var queries = new MemberQueries(cluster);
        try
        {
            await cluster.FoundAsync();
            clients.Start();
            watch.Start();
            queries.Start();
            var player = new StepPlayer(cluster, plan, watch);
            await player.PlayAsync();
            await player.HealAsync();
            await JudgeAsync(cluster, clients, watch);
        }
        catch (Exception e)
        {
            cluster.Violate("the harness works", e.ToString());
        }
        finally
        {
            await watch.StopAsync();
            await clients.StopAsync();
            await queries.StopAsync();
            await cluster.DisposeAsync();
        }

        var entries = cluster.Truth.Entries;
        AcknowledgedCheck.Check(clients.Proposals, entries, cluster.Violate);
        RuleCheck.Check(entries, cluster.Violate);
        return new Outcome(
            plan,
            cluster.Violations,
            cluster.Events,
            clients.Committed,
            watch.WorstMs,
            Stopwatch.GetElapsedTime(began)
        );
    }

    /// <summary>Everything is well again: something more is committed, and all members get to hold the same.</summary>
    private static async Task JudgeAsync(TestCluster cluster, Clients clients, AvailabilityWatch watch)
    {
        var since = StallMeter.NowMs;
        bool InTime() => StallMeter.NowMs - since < Pace.HealBoundMs;
        await StopStrangersAsync(cluster, InTime);
        var committed = await clients.CommitOneAsync(InTime);
        await watch.StopAsync();
        await clients.StopAsync();
        if (!committed)
        {
            cluster.NoteStatus();
            cluster.Violate("a healed cluster commits", $"nothing was committed for {Pace.HealBoundMs} ms");
            return;
        }

        string? difference;
        while ((difference = await DifferenceAsync(cluster)) is not null && InTime())
        {
            await Task.Delay(10);
        }

        if (difference is not null)
        {
            cluster.NoteStatus();
            cluster.Violate("a healed cluster agrees", difference);
        }

        await clients.SettleAsync(InTime);
    }

    /// <summary>
    /// Waits for a leader that knows who the members are, and stops all other machines, as an operator does with a node
    /// that was removed.
    /// </summary>
    private static async Task StopStrangersAsync(TestCluster cluster, Func<bool> inTime)
    {
        while (inTime())
        {
            await Task.WhenAll(cluster.Machines.Select(cluster.RestartAsync));
            if (cluster.Leaders is [.., var (leader, _)] && leader.Node is { IsMember: true } node)
            {
                foreach (
                    var machine in cluster.Machines.Where(machine =>
                        node.Members.All(member => member.Name != machine.Name)
                    )
                )
                {
                    cluster.Kill(machine, powerCut: false);
                    lock (cluster.Gate)
                    {
                        machine.State =
                            machine.State == MachineState.Unused ? MachineState.Unused : MachineState.Removed;
                    }
                }

                return;
            }

            await Task.Delay(10);
        }
    }

    /// <summary>What keeps the members from being equal, or null.</summary>
    private static async Task<string?> DifferenceAsync(TestCluster cluster)
    {
        await Task.WhenAll(cluster.Machines.Select(cluster.RestartAsync));
        if (cluster.Leaders is not [.., var (leader, _)] || leader.Node is not { } node)
        {
            return "there is no leader";
        }

        var expected = node.Read(machine => (machine.AppliedIndex, machine.AppliedTerm, machine.Digest));
        if (expected.AppliedIndex < cluster.Truth.LastIndex)
        {
            return $"{leader.Name}, which leads, has applied up to {expected.AppliedIndex} of "
                + $"{cluster.Truth.LastIndex}";
        }

        foreach (var member in node.Members)
        {
            var machine = cluster.Machines[member.Name[1] - '1'];
            if (machine.Node is not { } other)
            {
                return $"{member.Name} does not run";
            }

            var state = other.Read(one => (one.AppliedIndex, one.AppliedTerm, one.Digest));
            if (state != expected)
            {
                return $"{member.Name} has applied {state}, {leader.Name} {expected}";
            }

            if (!other.Members.SequenceEqual(node.Members))
            {
                return $"{member.Name} knows other members than {leader.Name}";
            }
        }

        return null;
    }
}
