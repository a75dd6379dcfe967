// Histories with a chain that holds and events that were changed: the verifier and the plain check must agree on each,
// and both must find most of them wrong.
using FsCheck.Xunit;
using RaftLocks.Ledger.Proof;
using RaftLocks.StateMachine.Tests.Model;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Ledger.Tests;

public class ForgeryTests
{
    private static readonly EventKind[] Endings =
    [
        EventKind.Released,
        EventKind.Abandoned,
        EventKind.TimedOut,
        EventKind.Revoked,
        EventKind.Downgraded,
    ];

    [Property(Arbitrary = [typeof(Schedules)], MaxTest = 300)]
    public void What_the_forger_leaves_alone_is_proven(Schedule schedule)
    {
        var records = Forgery.Read(Run.Of(schedule));

        Assert.True(PlainJudge.Holds(records));
        Judge.AssertProven(Forgery.Write(records));
    }

    [Property(Arbitrary = [typeof(Schedules)], MaxTest = 3_000)]
    public void The_verifier_finds_what_the_plain_judge_finds(Schedule schedule, int seed, byte times)
    {
        var records = Forgery.Read(Run.Of(schedule));
        var random = new Random(seed);
        for (var i = 0; i <= times % 3; i++)
        {
            Change(records, random);
        }

        var verdict = Judge.Verify(Forgery.Write(records));

        Assert.Equal(PlainJudge.Holds(records) ? Outcome.Proven : Outcome.Violated, verdict.Outcome);
    }

    [Property(Arbitrary = [typeof(Schedules)], MaxTest = 1_000)]
    public void A_grant_that_is_denied_or_given_wrongly_is_found(Schedule schedule, int seed)
    {
        var records = Forgery.Read(Run.Of(schedule));
        var grants = Places(records, told => told.Kind is EventKind.Acquired or EventKind.Enqueued);
        if (grants.Count == 0)
        {
            return;
        }

        var (record, at) = grants[new Random(seed).Next(grants.Count)];
        var told = records[record][at];
        if (told.Begins)
        {
            records[record][at] = told with
            {
                Kind = told.Kind == EventKind.Acquired ? EventKind.Enqueued : EventKind.Acquired,
            };
        }
        else
        {
            records[record].RemoveAt(at);
        }

        Assert.Equal(Outcome.Violated, Judge.Verify(Forgery.Write(records)).Outcome);
    }

    [Fact]
    public void The_first_violation_is_told_in_words()
    {
        var run = new Run();
        run.Checkpoint(CheckpointReason.Beginning);
        run.Lock(1, "a");
        run.Lock(2, "a", "b");
        run.Lock(3, "a", "b");
        var records = Forgery.Read(run);
        records[2][0] = records[2][0] with { Kind = EventKind.Acquired };
        Assert.Contains("n#3 (write a/b", Text(records), StringComparison.Ordinal);
        Assert.Contains("mutual exclusion is broken", Text(records), StringComparison.Ordinal);
        Assert.Contains("n#1 (write a,", Text(records), StringComparison.Ordinal);

        records = Forgery.Read(run);
        records.Add([records[0][0] with { Kind = EventKind.Released, Begins = false }]);
        Assert.Contains("n#2 (write a/b", Text(records), StringComparison.Ordinal);
        Assert.Contains("is not granted", Text(records), StringComparison.Ordinal);

        records[3].Add(records[2][0] with { Kind = EventKind.Acquired, Begins = false });
        Assert.Contains("the order is broken", Text(records), StringComparison.Ordinal);

        static string Text(List<List<Told>> records) => Judge.Verify(Forgery.Write(records)).Violation!.Text;
    }

    private static void Change(List<List<Told>> records, Random random)
    {
        var places = Places(records, _ => true);
        if (places.Count == 0)
        {
            return;
        }

        var (record, at) = places[random.Next(places.Count)];
        var events = records[record];
        var told = events[at];
        switch (random.Next(7))
        {
            case 0:
                events[at] = told with
                {
                    Kind = told.Kind == EventKind.Acquired ? EventKind.Enqueued : EventKind.Acquired,
                };
                break;
            case 1:
                events.RemoveAt(at);
                break;
            case 2:
                events.Insert(at, told);
                break;
            case 3:
                var other = (at + 1) % events.Count;
                (events[at], events[other]) = (events[other], told);
                break;
            case 4:
                events[at] = told with { Id = told.Id + (random.Next(2) == 0 ? 1 : ulong.MaxValue) };
                break;
            case 5 when told.Begins:
                var resources = told.Resources.ToArray();
                var one = random.Next(resources.Length);
                resources[one] = new ModelResource(!resources[one].IsWrite, resources[one].Path);
                events[at] = told with { Resources = resources };
                break;
            case 6 when told.Begins:
                events[at] = told with { Resources = [.. told.Resources, new ModelResource(random.Next(2) == 0, "a")] };
                break;
            default:
                events[at] = told with { Kind = Endings[random.Next(Endings.Length)] };
                break;
        }

        // An id of -1 does not fit the format.
        if (events.Count > at && events[at].Id > long.MaxValue)
        {
            events.RemoveAt(at);
        }
    }

    private static List<(int Record, int At)> Places(List<List<Told>> records, Func<Told, bool> wanted) =>
        [
            .. from record in Enumerable.Range(0, records.Count)
            from at in Enumerable.Range(0, records[record].Count)
            where wanted(records[record][at])
            select (record, at),
        ];
}
