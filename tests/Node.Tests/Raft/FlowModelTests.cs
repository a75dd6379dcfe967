// The proposer's scheduler beside a model that only has lists: whatever is added and taken, both name the same
// commands.
using FsCheck.Xunit;
using RaftLocks.Node.Raft;

namespace RaftLocks.Node.Tests.Raft;

public class FlowModelTests
{
    private const int Parties = 3;
    private const int Flows = 7;

    private static readonly FairShares Shares = new()
    {
        First = 5,
        Flow = 7,
        Party = 11,
        AllFirst = 30,
        Backlog = 25,
        Remembered = 3,
    };

    /// <summary>Each byte is a step: a command of a flow at a cost, or a batch of a size.</summary>
    [Property(MaxTest = 1_000, StartSize = 1, EndSize = 400)]
    public void The_scheduler_names_the_same_commands_as_a_model_of_lists(byte[] steps)
    {
        var parties = Enumerable.Range(0, Parties).Select(i => new ProposalParty(i + 1)).ToArray();
        var flows = Enumerable.Range(0, Flows).Select(i => new ProposalFlow(parties[i % Parties])).ToArray();
        var (scheduler, model) = (new FlowScheduler(Shares), new Model());
        var added = 0;
        foreach (var step in steps)
        {
            if (step < 200)
            {
                var cost = 1 + (step / Flows);
                scheduler.Add(flows[step % Flows], new QueuedCommand(flows[step % Flows], added, cost));
                model.Add(step % Flows, added++, cost);
            }
            else
            {
                Assert.Equal(model.Batch(step - 200), Batch(scheduler, step - 200));
            }
        }

        // Nothing is lost, and everybody's turn comes.
        for (var batch = 0; scheduler.Count > 0; batch++)
        {
            Assert.True(batch <= added, "Nothing is taken any more.");
            Assert.Equal(model.Batch(int.MaxValue), Batch(scheduler, int.MaxValue));
        }

        Assert.Equal(added, model.Taken.Distinct().Count());
    }

    private static List<int> Batch(FlowScheduler scheduler, int atMost)
    {
        var taken = new List<int>();
        scheduler.BeginBatch();
        while (taken.Count < atMost && scheduler.TryTake(out var command, out _))
        {
            taken.Add(((QueuedCommand)command).Number);
        }

        return taken;
    }

    /// <summary>The same rules, with all commands in one list in the order in which they came.</summary>
    private sealed class Model
    {
        private readonly List<(int Flow, int Number, int Cost)> waiting = [];
        private readonly List<int> fresh = [];
        private readonly List<int> partyRing = [];
        private readonly List<int>[] flowRings = [.. Enumerable.Range(0, Parties).Select(_ => new List<int>())];
        private readonly long[] flowCredit = new long[Flows];
        private readonly long[] partyCredit = new long[Parties];
        private readonly int[] backloggedAt = [.. Enumerable.Repeat(-1_000, Flows)];
        private int batch;
        private int politeAt = -1_000;

        public List<int> Taken { get; } = [];

        public void Add(int flow, int number, int cost)
        {
            var hadNone = waiting.TrueForAll(command => command.Flow != flow);
            waiting.Add((flow, number, cost));
            if (!hadNone)
            {
                return;
            }

            flowCredit[flow] = Math.Min(0, flowCredit[flow]) + Shares.First;
            if (flowCredit[flow] > 0)
            {
                fresh.Add(flow);
            }
            else
            {
                Join(flow);
            }
        }

        public List<int> Batch(int atMost)
        {
            batch++;
            var taken = new List<int>();
            long ofFirst = 0;
            long ofBacklog = 0;
            var most = batch - politeAt <= Shares.Remembered ? Shares.Backlog : long.MaxValue;
            while (taken.Count < atMost && waiting.Count > 0)
            {
                if (fresh.Count > 0 && (ofFirst < Shares.AllFirst || ofBacklog >= most || partyRing.Count == 0))
                {
                    ofFirst += TakeFirst(taken);
                }
                else if (ofBacklog < most && partyRing.Count > 0)
                {
                    ofBacklog += TakeBacklogged(taken);
                }
                else
                {
                    break;
                }
            }

            Taken.AddRange(taken);
            return taken;
        }

        private long TakeFirst(List<int> taken)
        {
            var flow = fresh[0];
            var cost = Take(flow, taken);
            var hasMore = waiting.Exists(command => command.Flow == flow);
            if (!hasMore || flowCredit[flow] <= 0)
            {
                fresh.RemoveAt(0);
            }

            if (hasMore && flowCredit[flow] <= 0)
            {
                Join(flow);
            }
            else if (!hasMore && batch - backloggedAt[flow] > Shares.Remembered)
            {
                politeAt = batch;
            }

            return cost;
        }

        private long TakeBacklogged(List<int> taken)
        {
            while (partyCredit[partyRing[0]] <= 0)
            {
                partyCredit[partyRing[0]] += Shares.Party * (partyRing[0] + 1);
                Rotate(partyRing);
            }

            var party = partyRing[0];
            var ring = flowRings[party];
            while (flowCredit[ring[0]] <= 0)
            {
                flowCredit[ring[0]] += Shares.Flow;
                Rotate(ring);
            }

            var flow = ring[0];
            var cost = Take(flow, taken);
            partyCredit[party] -= cost;
            if (waiting.TrueForAll(command => command.Flow != flow))
            {
                ring.RemoveAt(0);
            }

            if (ring.Count == 0)
            {
                partyRing.RemoveAt(0);
                partyCredit[party] = Math.Min(0, partyCredit[party]);
            }

            return cost;
        }

        private long Take(int flow, List<int> taken)
        {
            var first = waiting.Find(command => command.Flow == flow);
            waiting.Remove(first);
            taken.Add(first.Number);
            flowCredit[flow] -= first.Cost;
            return first.Cost;
        }

        private void Join(int flow)
        {
            backloggedAt[flow] = batch;
            if (flowRings[flow % Parties].Count == 0)
            {
                partyRing.Add(flow % Parties);
            }

            flowRings[flow % Parties].Add(flow);
        }

        private static void Rotate(List<int> ring)
        {
            ring.Add(ring[0]);
            ring.RemoveAt(0);
        }
    }
}
