// The life of one process on a machine: opened with the machine's disk and network, started, and watched until it ends.
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.ManyClusters.Disk;
using RaftLocks.ManyClusters.Network;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Raft.Files;
using RaftLocks.StateMachine.Queues;

namespace RaftLocks.ManyClusters.World;

/// <content>Lives of processes.</content>
internal sealed partial class TestCluster
{
    /// <summary>One process.</summary>
    private sealed record Life(Machine Machine, int Number, RaftNode Node);

    private Life Open(Machine machine, IReadOnlyList<Member> members)
    {
        int number;
        MemoryFileSystem files;
        MemoryNetwork.ProcessNetwork network;
        lock (Gate)
        {
            number = ++machine.Lives;
            machine.State = MachineState.Starting;
            machine.DiskWasFaulty = machine.Disk.Fault is not null;
            machine.Files = files = new MemoryFileSystem(machine.Disk);
            machine.Network = network = Network.Of(machine.Number);
        }

        var options = Pace.Options(machine.Name, Path.Combine(unusedRoot, machine.Name), members) with
        {
            FileSystem = files,
            Network = network,
            ApplyObserver = Truth.FollowerOf(machine.Name),
        };
        RaftNode node;
        try
        {
            node = new RaftNode(
                options,
                new Listener(this, machine, number),
                NullLoggerFactory.Instance,
                TimeProvider.System
            );
        }
        catch
        {
            files.End();
            throw;
        }

        lock (Gate)
        {
            if (machine.Lives == number)
            {
                machine.Node = node;
                return new Life(machine, number, node);
            }
        }

        endings.Add(DisposeAsync(node));
        throw new OperationCanceledException($"{machine.Name} was killed while it started.");
    }

    private async Task StartAsync(Life life)
    {
        await Task.Run(() => life.Node.StartAsync(CancellationToken.None));
        lock (Gate)
        {
            if (life.Machine.Lives != life.Number)
            {
                return;
            }

            life.Machine.State = MachineState.Up;
        }

        _ = WatchAsync(life);
    }

    private async Task WatchAsync(Life life)
    {
        var fatalError = await life.Node.Fatal;
        lock (Gate)
        {
            if (life.Machine.Lives != life.Number)
            {
                return;
            }
        }

        Note($"{life.Machine.Name} ends by itself: {fatalError.Reason}");
        var wasRemoved = fatalError.Reason.Contains("was removed from the cluster", StringComparison.Ordinal);
        if (!wasRemoved && !(fatalError.Kind is FatalErrorKind.Disk && life.Machine.DiskWasFaulty))
        {
            Violate("a node goes on", $"{life.Machine.Name} ended by itself: {fatalError.Reason}");
        }

        Kill(life.Machine, powerCut: false);
        if (wasRemoved)
        {
            lock (Gate)
            {
                life.Machine.State = MachineState.Removed;
            }
        }
    }

    private void OnStartFailed(Machine machine, int life, Exception e)
    {
        Note($"{machine.Name} did not start: {e.Message}");
        lock (Gate)
        {
            if (machine.Lives != life)
            {
                // It was killed while it started.
                return;
            }
        }

        Kill(machine, powerCut: false);
        var wasRemoved =
            e is WrongDataDirectoryException
            && e.Message.Contains("was removed from its cluster", StringComparison.Ordinal);
        if (wasRemoved)
        {
            lock (Gate)
            {
                machine.State = MachineState.Removed;
            }
        }
        else if (!(e is IOException && machine.DiskWasFaulty))
        {
            Violate("a node starts again", $"{machine.Name} did not start: {e.GetType().Name}: {e.Message}");
        }
    }

    private sealed class Listener(TestCluster cluster, Machine machine, int life) : ILeadershipListener
    {
        public void OnGained(Leadership leadership, IReadOnlyList<LockRequest> live)
        {
            cluster.Promises.Leads(machine.Name, leadership.Term);
            cluster.Note($"{machine.Name} leads in term {leadership.Term} with {live.Count} live requests");
            var orphans = live.Select(request => (request.Session.Value, request.Id)).ToArray();
            lock (cluster.Gate)
            {
                if (machine.Lives != life)
                {
                    return;
                }

                machine.Leadership = leadership;
            }

            cluster.Inherited?.Invoke(machine, leadership, orphans);
        }

        public void OnLost(Leadership leadership)
        {
            cluster.Note($"{machine.Name} leads no more in term {leadership.Term}");
            lock (cluster.Gate)
            {
                if (machine.Leadership == leadership)
                {
                    machine.Leadership = null;
                }
            }
        }

        public void OnAcquired(LockRequest granted)
        {
            // The clients here do not wait for their turn.
        }
    }

    /// <summary>Told of what a new leader finds: each live request's session and id.</summary>
    public Action<Machine, Leadership, (UInt128 Session, ulong Id)[]>? Inherited { get; set; }
}
