// One cluster of machines: starts, stops and kills their processes, and keeps what they said. Several live in one
// process side by side and know nothing of each other.
using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using RaftLocks.ManyClusters.Checkers;
using RaftLocks.ManyClusters.Disk;
using RaftLocks.ManyClusters.Network;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft;

namespace RaftLocks.ManyClusters.World;

/// <summary>A violation of a promise.</summary>
internal sealed record Violation(string Promise, string Evidence);

/// <summary>A cluster.</summary>
internal sealed partial class TestCluster : IAsyncDisposable
{
    // The first ones say what is wrong; what follows from them is noise.
    private const int MostViolations = 6;

    // Whoever joins is told of all who may be members.
    private static readonly Member[] AllMachines = [.. Enumerable.Range(0, Pace.Machines).Select(Machine.MemberOf)];

    private readonly long startedAt = Environment.TickCount64;
    private readonly string unusedRoot = Directory.CreateTempSubdirectory("raftlocks-many-").FullName;
    private readonly ConcurrentQueue<string> events = new();
    private readonly ConcurrentDictionary<Violation, long> violations = new();
    private readonly ConcurrentBag<Task> endings = [];
    private readonly Member[] initialMembers;
    private readonly Random chance;

    /// <summary>Makes the machines; none runs yet.</summary>
    /// <param name="seed">Chance follows from it.</param>
    /// <param name="initialMemberCount">Members to begin with.</param>
    public TestCluster(int seed, int initialMemberCount)
    {
        chance = new Random(seed);
        initialMembers = [.. Enumerable.Range(0, initialMemberCount).Select(Machine.MemberOf)];
        Truth = new Truth(Violate);
        Promises = new PromiseCheck(Violate);
        Machines =
        [
            .. Enumerable
                .Range(0, Pace.Machines)
                .Select(number =>
                {
                    var disk = new MemoryDisk(seed + number)
                    {
                        Replaced = (path, bytes) =>
                        {
                            if (path.EndsWith("/vote", StringComparison.Ordinal))
                            {
                                Promises.Promised(Machine.NameOf(number), bytes);
                            }
                        },
                    };
                    return new Machine(number, disk);
                }),
        ];
    }

    /// <summary>All machines, used or not.</summary>
    public Machine[] Machines { get; }

    /// <summary>The network between them.</summary>
    public MemoryNetwork Network { get; } = new(Pace.Machines);

    /// <summary>Guards the machines' states.</summary>
    public Lock Gate { get; } = new();

    /// <summary>What was applied.</summary>
    public Truth Truth { get; }

    /// <summary>Who led and who voted.</summary>
    public PromiseCheck Promises { get; }

    /// <summary>Everything that is not as it must be.</summary>
    public IReadOnlyList<Violation> Violations => [.. violations.OrderBy(one => one.Value).Select(one => one.Key)];

    /// <summary>What happened, line by line.</summary>
    public IReadOnlyCollection<string> Events => events;

    /// <summary>Whoever leads, as far as it knows itself.</summary>
    public IReadOnlyList<(Machine Machine, Leadership Leadership)> Leaders
    {
        get
        {
            lock (Gate)
            {
                return
                [
                    .. Machines
                        .Where(machine => machine.Leadership is not null)
                        .Select(machine => (machine, machine.Leadership!)),
                ];
            }
        }
    }

    /// <summary>Says what happened.</summary>
    public void Note(string text) =>
        events.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{Environment.TickCount64 - startedAt,6} {text}"));

    /// <summary>Says what must not happen.</summary>
    public void Violate(string promise, string evidence)
    {
        if (
            violations.Count < MostViolations
            && violations.TryAdd(new Violation(promise, evidence), Environment.TickCount64)
        )
        {
            Note($"VIOLATION {promise}: {evidence}");
        }
    }

    /// <summary>Says how each machine stands.</summary>
    public void NoteStatus()
    {
        lock (Gate)
        {
            foreach (var machine in Machines.Where(machine => machine.State != MachineState.Unused))
            {
                Note(
                    machine.Node is { } node
                        ? $"{machine.Name} {machine.State}: {node.Status}, members of index {node.MembersIndex}: "
                            + $"{string.Join(' ', node.Members.Select(member => member.Name))}"
                        : $"{machine.Name} {machine.State}"
                );
            }
        }
    }

    /// <summary>Starts the initial members, which know each other's data.</summary>
    public async Task FoundAsync()
    {
        var opened = initialMembers.Select((_, number) => Open(Machines[number], initialMembers)).ToArray();
        Member[] known = [.. Machines.Take(initialMembers.Length).Select(machine => machine.AsMember())];
        await Task.WhenAll(
            opened.Select(async life =>
            {
                life.Node.Bootstrap(known);
                await StartAsync(life);
            })
        );
    }

    /// <summary>Starts a machine's process again.</summary>
    public async Task RestartAsync(Machine machine)
    {
        int life;
        lock (Gate)
        {
            if (machine.State != MachineState.Down)
            {
                return;
            }

            (machine.State, life) = (MachineState.Starting, machine.Lives + 1);
        }

        Note($"{machine.Name} starts");
        try
        {
            // Opening reads and writes, on a disk that may hang: on a thread that may wait.
            var opened = await Task.Run(() =>
                Open(
                    machine,
                    machine.Number < initialMembers.Length ? initialMembers : AllMachines
                )
            );
            if (!opened.Node.IsBootstrapped)
            {
                // It was killed before it had noted that it waits to be added.
                opened.Node.WaitToJoin();
            }

            await StartAsync(opened);
        }
        catch (Exception e)
        {
            OnStartFailed(machine, life, e);
        }
    }

    /// <summary>Starts a machine that was never used, and waits to be added; null if there is none.</summary>
    public async Task<Machine?> StartJoiningAsync()
    {
        Machine? machine;
        int life;
        lock (Gate)
        {
            machine = Machines.FirstOrDefault(one => one.State == MachineState.Unused);
            if (machine is null)
            {
                return null;
            }

            (machine.State, life) = (MachineState.Starting, machine.Lives + 1);
        }

        try
        {
            var opened = Open(machine, AllMachines);
            opened.Node.WaitToJoin();
            await StartAsync(opened);
            return machine;
        }
        catch (Exception e)
        {
            OnStartFailed(machine, life, e);
            return null;
        }
    }

    /// <summary>
    /// Ends a machine's process at once, and with the power, if that is cut, what its disk had not kept.
    /// </summary>
    public void Kill(Machine machine, bool powerCut)
    {
        RaftNode? killed;
        lock (Gate)
        {
            if (machine.State is not (MachineState.Up or MachineState.Starting))
            {
                return;
            }

            (machine.State, machine.Leadership) = (MachineState.Down, null);
            machine.Lives++;
            machine.Files?.End();
            machine.Network?.End(silently: powerCut);
            if (powerCut)
            {
                machine.Disk.LosePower();
            }

            (killed, machine.Node) = (machine.Node, null);
        }

        Note($"{machine.Name} {(powerCut ? "loses its power" : "is killed")}");
        if (killed is not null)
        {
            endings.Add(DisposeAsync(killed));
        }
    }

    /// <summary>Stops a machine's process in good order.</summary>
    public async Task StopAsync(Machine machine)
    {
        RaftNode stopped;
        lock (Gate)
        {
            if (machine.State != MachineState.Up)
            {
                return;
            }

            stopped = machine.Node!;
        }

        Note($"{machine.Name} stops");
        try
        {
            await stopped.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromMilliseconds(Pace.StopBoundMs));
        }
        catch (TimeoutException) when (machine.DiskWasFaulty)
        {
            Note($"{machine.Name} does not stop, with its disk as it is");
        }
        catch (TimeoutException)
        {
            Violate("a node stops when told to", $"{machine.Name} had not stopped after {Pace.StopBoundMs} ms");
        }

        Kill(machine, powerCut: false);
    }

    /// <summary>Ends everything.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var machine in Machines)
        {
            machine.Disk.Fault = null;
            Kill(machine, powerCut: false);
        }

        await Task.WhenAll(endings);
        Directory.Delete(unusedRoot, recursive: true);
    }

    private async Task DisposeAsync(RaftNode node)
    {
        try
        {
            await Task.Run(() => node.DisposeAsync().AsTask()).WaitAsync(TimeSpan.FromMilliseconds(Pace.StopBoundMs));
        }
        catch (Exception e)
        {
            // It was killed: what it makes of a disk and a network that are gone is nobody's concern.
            Note($"a process that was killed could not be cleaned up: {e.GetType().Name}: {e.Message}");
        }
    }
}
