// Thousands of namespaces that fall asleep, wake up and fall asleep again, against a dictionary; and what one of them
// takes.
using System.Globalization;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Tests.Model;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Tests;

/// <summary>Measures the whole process's memory, so nothing else may run.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public class Alone;

[Collection(nameof(Alone))]
public class EmptyNamespaceTests
{
    private readonly Replica replica = new(hashSeed: 5);

    [Fact]
    public void Namespaces_keep_their_counters_however_often_they_become_empty()
    {
        var lastId = new Dictionary<int, ulong>();
        var live = new HashSet<int>();
        var random = new Random(20_260_101);
        for (var i = 0; i < 30_000; i++)
        {
            var space = random.Next(5_000);
            if (live.Remove(space))
            {
                replica.Apply(w => w.Add(new ReleaseCommand(Name(space), Replica.SessionOf(1), default)));
            }
            else
            {
                replica.Apply(w => w.Add(Lock(space)));
                lastId[space] = lastId.GetValueOrDefault(space) + 1;
                live.Add(space);
                Assert.Equal(lastId[space], replica.Events[0].Id);
            }
        }

        AssertAll(replica.Machine, lastId, live);
        AssertAll(replica.Reborn(hashSeed: 9).Machine, lastId, live);
        Assert.False(replica.Machine.TryGetNamespace(Name(5_000), out _));
    }

    [Fact]
    public void An_empty_namespace_takes_at_most_64_bytes_and_its_name()
    {
        const int Count = 100_000;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var names = 0;
        for (var space = 0; space < Count; space++)
        {
            var name = Name(space);
            names += name.Length;
            replica.Apply(w =>
            {
                w.Add(Lock(space));
                w.Add(new ReleaseCommand(name, Replica.SessionOf(1), default));
            });
        }

        // What is not the namespaces': the buffers of the machine and of the test, by far less than a byte for each.
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before - names) / (double)Count;
        Assert.Equal(Count, replica.Machine.NamespaceCount);
        Assert.InRange(each, 24, 64);
    }

    private static void AssertAll(LockStateMachine machine, Dictionary<int, ulong> lastId, HashSet<int> live)
    {
        Assert.Equal((lastId.Count, live.Count), (machine.NamespaceCount, machine.LiveCount));
        foreach (var (space, last) in lastId)
        {
            Assert.True(machine.TryGetNamespace(Name(space), out var summary));
            var alive = live.Contains(space) ? 1 : 0;
            Assert.Equal(new NamespaceSummary(last, alive, alive), summary);
            Assert.Equal(alive == 1, machine.FindRequest(Name(space), last) is not null);
        }
    }

    private static byte[] Name(int space) => Replica.Utf8("tenant-" + space.ToString(CultureInfo.InvariantCulture));

    private static LockCommand Lock(int space) =>
        new(Name(space), Replica.SessionOf(1), default, Replica.SetOf([new ModelResource(IsWrite: true, "x")]), 60_000);
}
