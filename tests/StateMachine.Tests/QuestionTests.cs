// What the state machine answers about requests is what the dumb model says: who stands before whom, directly and
// through others; and lists that are read page by page meet everybody who is there all the while, once, whatever
// happens between the pages.
using System.Globalization;
using System.Text;
using FsCheck.Xunit;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Tests.Model;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Tests;

public class QuestionTests
{
    [Property(Arbitrary = [typeof(Schedules)], MaxTest = 400)]
    public void Places_blockers_and_chains_are_those_of_the_model(Schedule schedule, Schedule other)
    {
        var (replica, encoder) = (new Replica(), new ScheduleEncoder());
        var sets = other.Batches.SelectMany(b => b).Select(s => s.Resources).Where(r => r.Length > 0).Take(4).ToList();
        for (var i = 0; i < schedule.Batches.Length; i++)
        {
            replica.Apply(encoder.Next(schedule.Batches[i], 1_000 + i).Entry);
            foreach (var request in encoder.Model.Live)
            {
                AssertAnswers(encoder.Model, replica.Machine, request);
            }

            foreach (var set in sets)
            {
                AssertExplains(encoder.Model, replica.Machine, "n", set);
            }
        }
    }

    [Property(Arbitrary = [typeof(Schedules)], MaxTest = 400)]
    public void Pages_of_a_namespace_meet_everybody_who_stays_once_and_in_order(Schedule schedule, byte size)
    {
        var (replica, encoder) = (new Replica(), new ScheduleEncoder());
        var page = new LockRequest[1 + (size % 5)];
        var (met, after, stayed) = (new List<ulong>(), 0UL, new HashSet<ulong>());
        for (var i = 0; i < schedule.Batches.Length; i++)
        {
            replica.Apply(encoder.Next(schedule.Batches[i], i).Entry);
            var live = encoder.Model.Live.Where(r => r.Namespace == "n").Select(r => r.Id).ToHashSet();
            if (after == 0)
            {
                (met, stayed) = ([], live);
            }

            stayed.IntersectWith(live);
            var read = replica.Machine.ReadRequests("n"u8, after, page);
            Assert.All(page[..read.Count], request => Assert.Contains(request.Id, live));
            met.AddRange(page[..read.Count].Select(request => request.Id));
            after = read.After;
            if (read.IsLast)
            {
                Assert.Equal(met.Distinct().Order(), met);
                Assert.Superset(stayed, met.ToHashSet());
                after = 0;
            }
        }
    }

    [Fact]
    public void A_page_goes_on_where_the_one_before_ended_though_that_request_is_gone_and_the_next_number_is_far()
    {
        var replica = new Replica();
        const int Far = 20_000;
        for (var i = 1; i <= Far; i++)
        {
            replica.Apply(w => w.Add(Read(i)));
        }

        // Of the middle only one is left, far from both ends and from where the page ended.
        foreach (var gone in Enumerable.Range(6_001, 8_000).Where(id => id != 12_000))
        {
            replica.Apply(w => w.Add(new AbandonCommand("n"u8.ToArray(), (ulong)gone)));
        }

        var (page, after, empty, read) = (new LockRequest[1], 6_001UL, 0, default(RequestPage));
        while ((read = replica.Machine.ReadRequests("n"u8, after, page)).Count == 0)
        {
            Assert.InRange(read.After - after, 1UL, (ulong)Limits.MaxStepsPerPage);
            Assert.False(read.IsLast);
            after = read.After;
            empty++;
        }

        Assert.Equal((12_000UL, 1), (page[0].Id, empty));
        Assert.Equal(1, replica.Machine.ReadRequests("n"u8, 11_999, page).Count);
        Assert.Equal(new RequestPage(1, Far, IsLast: true), replica.Machine.ReadRequests("n"u8, Far - 1, page));
        Assert.Equal(new RequestPage(0, Far, IsLast: true), replica.Machine.ReadRequests("n"u8, ulong.MaxValue, page));
        Assert.Equal(new RequestPage(0, 0, IsLast: true), replica.Machine.ReadRequests("nowhere"u8, 0, page));
    }

    [Property(MaxTest = 100)]
    public void Pages_of_namespaces_meet_all_that_stay_once_while_others_come_wake_up_and_fall_asleep(
        ushort seed,
        byte size
    )
    {
        var random = new Random(seed);
        var machine = new Replica(seed);
        for (var i = 0; i < random.Next(1, 300); i++)
        {
            Touch(i);
        }

        var before = machine.Machine.NamespaceCount;
        var (met, from, found) = (new List<string>(), 0L, new List<ListedNamespace>());
        while (from >= 0)
        {
            found.Clear();
            from = machine.Machine.ReadNamespaces(from, 1 + (size % 40), found);
            met.AddRange(found.Select(view => Encoding.UTF8.GetString(view.Name.Span)));
            Assert.All(
                found,
                view =>
                    Assert.True(
                        machine.Machine.TryGetNamespace(view.Name.Span, out var summary) && summary == view.Summary
                    )
            );
            for (var i = random.Next(20); i > 0; i--)
            {
                Touch(random.Next(1_000));
            }
        }

        Assert.Equal(met.Distinct(StringComparer.Ordinal).Count(), met.Count);
        Assert.InRange(met.Count, before, machine.Machine.NamespaceCount);
        Assert.Equal(-1, machine.Machine.ReadNamespaces(1L << 32, 9, found));

        void Touch(int which) =>
            machine.Apply(w =>
            {
                var name = Replica.Utf8(which.ToString(CultureInfo.InvariantCulture));
                w.Add(Read(which) with { Namespace = name });
                if (which % 3 > 0)
                {
                    w.Add(new ReleaseCommand(name, Replica.SessionOf(which), default));
                }
            });
    }

    [Fact]
    public void What_a_question_costs_is_bounded_and_says_so()
    {
        var replica = new Replica();
        for (var i = 1; i <= 3_000; i++)
        {
            replica.Apply(w => w.Add(Read(i) with { Resources = Replica.SetOf([new(true, "a")]) }));
        }

        var last = replica.Machine.FindRequest("n"u8, 3_000)!;
        Assert.Equal(1 + Limits.MaxPlace, replica.Machine.PositionOf(last));
        Assert.Equal(1UL, replica.Machine.FirstBlockerOf(last)!.Id);
        var why = replica.Machine.Explain(last)!;
        Assert.Equal((true, Limits.MaxChain), (why.HasMore, why.Chain.Count));
        Assert.Equal(Enumerable.Range(1, Limits.MaxNamedBlockers).Select(i => (ulong)i), why.BlockedBy);
        Assert.Equal(999, replica.Machine.PositionOf(replica.Machine.FindRequest("n"u8, 1_000)!));
    }

    [Fact]
    public void Who_has_ended_or_belongs_to_another_state_waits_for_nobody()
    {
        var replica = new Replica();
        replica.Apply(w => w.Add(Read(1) with { Resources = Replica.SetOf([new(true)]) }));
        replica.Apply(w => w.Add(Read(2)));
        var waiter = replica.Machine.FindRequest("n"u8, 2)!;
        Assert.Equal(2UL, (ulong)replica.Machine.PositionOf(waiter) + 1);
        var reborn = replica.Reborn(hashSeed: 1).Machine;
        Assert.Equal((0, null, null), (reborn.PositionOf(waiter), reborn.FirstBlockerOf(waiter), reborn.View(waiter)));
        replica.Apply(w => w.Add(new AbandonCommand("n"u8.ToArray(), 2)));
        Assert.Equal(
            (0, null, null),
            (
                replica.Machine.PositionOf(waiter),
                replica.Machine.FirstBlockerOf(waiter),
                replica.Machine.Explain(waiter)
            )
        );
    }

    private static LockCommand Read(int session) =>
        new("n"u8.ToArray(), Replica.SessionOf(session), default, Replica.SetOf([new(false, "a")]), 60_000);

    private static void AssertAnswers(OneRule model, LockStateMachine machine, ModelRequest request)
    {
        var asked = machine.FindRequest(Replica.Utf8(request.Namespace), request.Id)!;
        var view = machine.View(asked)!.Value;
        if (model.IsAcquired(request))
        {
            Assert.Equal((0, 0UL, true), (view.Place, view.Blocker, view.IsAcquired));
            Assert.Null(machine.FirstBlockerOf(asked));
            Assert.Same(Explanation.Granted, machine.Explain(asked));
            return;
        }

        var direct = Before(model, request);
        Assert.Equal(
            (1 + direct.Count(r => !model.IsAcquired(r)), direct[0].Id, false),
            (view.Place, view.Blocker, view.IsAcquired)
        );
        Assert.Equal((view.Place, view.Blocker), (machine.PositionOf(asked), machine.FirstBlockerOf(asked)!.Id));
        AssertChain(model, request, machine.Explain(asked)!);
    }

    private static void AssertExplains(OneRule model, LockStateMachine machine, string space, ModelResource[] resources)
    {
        var request = new ModelRequest(space, ulong.MaxValue, -1, resources);
        var why = machine.Explain(Replica.Utf8(space), Replica.SetOf(resources));
        Assert.Equal(!model.WouldWait(space, resources), why.IsAcquired);
        if (!why.IsAcquired)
        {
            AssertChain(model, request, why);
        }
    }

    private static void AssertChain(OneRule model, ModelRequest request, Explanation why)
    {
        var chain = new SortedDictionary<ulong, ModelRequest>();
        var todo = new Stack<ModelRequest>(Before(model, request));
        while (todo.TryPop(out var next))
        {
            if (chain.TryAdd(next.Id, next))
            {
                Before(model, next).ForEach(todo.Push);
            }
        }

        Assert.False(why.HasMore);
        Assert.Equal(Named(model, request), why.BlockedBy);
        Assert.Equal(1 + Before(model, request).Count(r => !model.IsAcquired(r)), why.Place);
        Assert.Equal(chain.Keys, why.Chain.Select(link => link.View.Request.Id));
        foreach (var link in why.Chain)
        {
            var one = chain[link.View.Request.Id];
            Assert.Equal(model.IsAcquired(one), link.View.IsAcquired);
            Assert.Equal(Named(model, one), link.BlockedBy);
            Assert.Equal(Replica.SetOf(one.Resources), link.View.Resources);
        }
    }

    private static IEnumerable<ulong> Named(OneRule model, ModelRequest request) =>
        Before(model, request).Select(r => r.Id).Take(Limits.MaxNamedBlockers);

    private static List<ModelRequest> Before(OneRule model, ModelRequest request) =>
        [
            .. model
                .Live.Where(other => other.Id < request.Id && other.ConflictsWith(request))
                .OrderBy(other => other.Id),
        ];
}
