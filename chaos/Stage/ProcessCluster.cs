// Nodes as processes of this machine, wired so that the links between them can be hurt, and with a library between each and its clock.
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.Faults;
using RaftLocks.Chaos.Network;
using RaftLocks.Cluster;

namespace RaftLocks.Chaos.Stage;

/// <summary>A cluster of processes.</summary>
internal sealed class ProcessCluster : ICluster
{
    private readonly IWiring wiring;
    private readonly LocalCluster local;

    /// <summary>Describes it; starts nothing.</summary>
    public ProcessCluster(IWiring wiring, string followerMode)
    {
        this.wiring = wiring;
        local = new LocalCluster(_ => wiring.Lay(NodesByProcess), "--follower-mode", followerMode, "--admin-token", AdminToken);
        Processes = [.. local.Nodes.Select(node => new ProcessNode(local, node.Name))];
        Array.ForEach([.. local.Nodes], Equip);
    }

    /// <summary>Known to the nodes of this run alone.</summary>
    public static string AdminToken { get; } = Guid.NewGuid().ToString("N");

    /// <inheritdoc/>
    public IReadOnlyList<INode> Nodes => Processes;

    /// <summary>The same, as what they are.</summary>
    public IReadOnlyList<ProcessNode> Processes { get; }

    /// <inheritdoc/>
    public IReadOnlyList<IInjector> Injectors(int seed, Action<Violation> report)
    {
        var injectors = new List<IInjector> { new ProcessFaults(this), new NetworkFaults(wiring.Network, Processes.Count), new DataFaults(this, seed, report) };
        if (ClockFaults.Library is not null)
        {
            injectors.Add(new ClockFaults(this, seed));
        }

        return injectors;
    }

    /// <inheritdoc/>
    public Task StartAsync() => local.StartAsync();

    /// <summary>The data folder of a node.</summary>
    public string DataOf(ProcessNode node) => local.DataOf(node.Name);

    /// <summary>The file that says how wrong a node's clock is.</summary>
    public string ClockOf(ProcessNode node) => DataOf(node) + ".clock";

    /// <summary>Takes away all that a node has written.</summary>
    public void Wipe(ProcessNode node)
    {
        if (Directory.Exists(DataOf(node)))
        {
            local.Wipe(node.Name);
        }
    }

    /// <summary>Starts a node that has ended with an empty folder, so that it waits to be added; returns how the member is written.</summary>
    public string StartAnew(ProcessNode node)
    {
        // Whoever looks at its former self finds it ended; it is left to the finalizer.
        Wipe(node);
        var (process, member) = local.DescribeJoining(node.Name);
        Equip(process);
        process.Start();
        return member;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await local.DisposeAsync();
        await wiring.DisposeAsync();
    }

    private void Equip(NodeProcess process)
    {
        process.Launcher = wiring.Launcher(process.Name);
        process.Launcher = wiring.Launcher(process.Name);
        if (ClockFaults.Library is { } clock)
        {
            ClockFaults.Equip(process, local.DataOf(process.Name) + ".clock");
            process.Environment["LD_PRELOAD"] = clock;
        }
    }

    private Dictionary<int, int> NodesByProcess()
    {
        var byProcess = new Dictionary<int, int>();
        for (var i = 0; i < Processes.Count; i++)
        {
            if (Processes[i].Process.ProcessId is { } id)
            {
                byProcess[id] = i;
            }
        }

        return byProcess;
    }
}
