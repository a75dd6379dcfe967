// The property: after every entry of a schedule the state machine says exactly what the model says. Public and static,
// because the mutant tests run this very method against broken builds.
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Tests.Model;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Tests;

public static class OneRuleCheck
{
    /// <summary>Throws at the first schedule, of so many, that breaks the rule. The same ones each time.</summary>
    public static void CheckSchedules(int count) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(20_260, 1_975),
            Prop.ForAll(Schedules.Arbitrary(), (Action<Schedule>)Check1)
        );

    public static void Check1(Schedule schedule)
    {
        var replica = new Replica();
        var encoder = new ScheduleEncoder();
        var timeMs = 1_000L;
        foreach (var batch in schedule.Batches)
        {
            var (entry, expected) = encoder.Next(batch, ++timeMs);
            replica.Apply(entry);
            Assert.Equal(expected, replica.Told());
            AssertSameState(encoder.Model, replica.Machine);
        }

        Drain(encoder.Model, replica);
    }

    private static void AssertSameState(OneRule model, LockStateMachine machine)
    {
        var acquired = machine.LiveRequests.Where(r => r.IsAcquired).ToList();
        Assert.Equal(Names(model.Acquired()), acquired.Select(Name).Order(StringComparer.Ordinal));
        Assert.Equal(Names(model.Live), machine.LiveRequests.Select(Name).Order(StringComparer.Ordinal));
        Assert.Equal(model.Level, machine.FeatureLevel);
        foreach (var request in model.Live)
        {
            Assert.Equal(
                Replica.SetOf(request.Resources),
                machine.FindRequest(Encoding.UTF8.GetBytes(request.Namespace), request.Id)!.Resources
            );
        }

        foreach (var space in model.Live.GroupBy(r => r.Namespace))
        {
            Assert.True(machine.TryGetNamespace(Encoding.UTF8.GetBytes(space.Key), out var summary));
            Assert.Equal(model.LastId(space.Key), summary.LastId);
            Assert.Equal(space.Count(), summary.LiveCount);
            Assert.Equal(space.Count(model.IsAcquired), summary.AcquiredCount);
            AssertExclusive(
                space.Where(r => machine.FindRequest(Encoding.UTF8.GetBytes(r.Namespace), r.Id)!.IsAcquired).ToList()
            );
        }
    }

    private static void AssertExclusive(List<ModelRequest> acquired)
    {
        foreach (var one in acquired)
        {
            Assert.DoesNotContain(acquired, other => other != one && other.ConflictsWith(one));
        }
    }

    /// <summary>
    /// No lost wake-up: when holders leave one after the other, everybody gets a turn, and nothing stays behind.
    /// </summary>
    private static void Drain(OneRule model, Replica replica)
    {
        while (model.Live.Count > 0)
        {
            var victim = model.Live.Find(model.IsAcquired);
            Assert.NotNull(victim);
            var granted = model.Remove(victim).Select(Name).ToList();
            replica.Apply(w => w.Add(new AbandonCommand(Encoding.UTF8.GetBytes(victim.Namespace), victim.Id)));
            var told = Enumerable
                .Range(1, replica.Events.Count - 1)
                .Select(i => Name(replica.Events[i].Request!))
                .ToList();
            Assert.Equal(granted, told);
        }

        Assert.Equal(0, replica.Machine.LiveCount);
        Assert.Equal(0, replica.Machine.NodeCount);
        foreach (var name in model.Namespaces)
        {
            Assert.True(replica.Machine.TryGetNamespace(Encoding.UTF8.GetBytes(name), out var summary));
            Assert.Equal(new NamespaceSummary(model.LastId(name), LiveCount: 0, AcquiredCount: 0), summary);
        }

        Assert.Equal(model.Namespaces.Count, replica.Machine.NamespaceCount);
    }

    private static IEnumerable<string> Names(IEnumerable<ModelRequest> requests) =>
        requests.Select(Name).Order(StringComparer.Ordinal);

    private static string Name(ModelRequest request) => $"{request.Namespace}#{request.Id}";

    private static string Name(LockRequest request) =>
        $"{Encoding.UTF8.GetString(request.Namespace.Span)}#{request.Id}";
}
