// Nodes as processes of this machine, wired so that the links between them can be impaired, and with libraries between
// each and its disk, its clock and its power supply.
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.Faults;
using RaftLocks.Chaos.Network;
using RaftLocks.Cluster;

namespace RaftLocks.Chaos.Testbed;

/// <summary>A cluster of processes.</summary>
internal sealed class ProcessCluster : ICluster
{
    private const string Preload = "LD_PRELOAD";
    private static readonly TimeSpan StartBound = TimeSpan.FromMinutes(2);

    private readonly IWiring wiring;
    private readonly LocalCluster local;
    private readonly bool canCutPower;
    private readonly Dictionary<string, FaultyDisk> disks = [];
    private readonly Dictionary<string, WallClock> clocks = [];
    private readonly Dictionary<string, PowerSupply> power = [];
    private readonly Dictionary<string, string> formerLogs = [];
    private readonly string? previousBuild;

    // Who runs the previous build, while there is one.
    private readonly HashSet<string> onPrevious = [];

    /// <summary>
    /// Describes it; starts nothing. Only if the power may be cut is it written down what was flushed: that costs as
    /// much as the writing itself. With a previous build the nodes begin with that, all but the last.
    /// </summary>
    public ProcessCluster(IWiring wiring, string followerMode, bool canCutPower, string? previousBuild = null)
    {
        this.wiring = wiring;
        this.previousBuild = previousBuild;
        this.canCutPower = canCutPower && Shims.CanBuild;
        local = new LocalCluster(
            _ => wiring.Lay(NodesByProcess),
            "--follower-mode",
            followerMode,
            "--admin-token",
            AdminToken
        );
        Processes = [.. local.Nodes.Select(node => new ProcessNode(local, node.Name, formerLogs))];
        onPrevious.UnionWith(previousBuild is null ? [] : Processes.SkipLast(1).Select(node => node.Name));
        Array.ForEach([.. local.Nodes], Equip);
    }

    /// <summary>Known to the nodes of this run alone.</summary>
    public static string AdminToken { get; } = Guid.NewGuid().ToString("N");

    /// <inheritdoc/>
    string? ICluster.AdminToken => AdminToken;

    /// <inheritdoc/>
    public IReadOnlyList<INode> Nodes => Processes;

    /// <summary>The same, as what they are.</summary>
    public IReadOnlyList<ProcessNode> Processes { get; }

    /// <inheritdoc/>
    public IReadOnlyList<IInjector> Injectors(int seed, Action<Violation> report)
    {
        var injectors = new List<IInjector>
        {
            new ProcessFaults(this),
            new NetworkFaults(wiring.Network, Processes.Count),
            new DataFaults(this, seed, report),
            new MemberFaults(this, seed, report),
        };
        if (Shims.CanBuild)
        {
            injectors.AddRange([new DiskFaults(this, seed, report), new ClockFaults(this, seed)]);
        }

        if (canCutPower)
        {
            injectors.Add(new PowerFaults(this));
        }

        if (previousBuild is not null)
        {
            injectors.Add(new BuildFaults(this));
        }

        return injectors;
    }

    /// <inheritdoc/>
    public async Task StartAsync()
    {
        foreach (var process in Processes)
        {
            await process.StartAsync();
        }

        if (!await this.BecomesWholeAsync(StartBound))
        {
            throw new TimeoutException($"Not all nodes were ready after {StartBound.TotalSeconds:F0} s.");
        }
    }

    /// <summary>The data folder of a node.</summary>
    public string DataOf(ProcessNode node) => local.DataOf(node.Name);

    /// <summary>The clock of a node.</summary>
    public WallClock ClockOf(ProcessNode node) => clocks[node.Name];

    /// <summary>The disk of a node.</summary>
    public FaultyDisk DiskOf(ProcessNode node) => disks[node.Name];

    /// <summary>The power supply of a node.</summary>
    public PowerSupply PowerOf(ProcessNode node) => power[node.Name];

    /// <summary>
    /// Gives a node that has ended the other build, or the previous one for sure; returns whether it has the previous
    /// one now.
    /// </summary>
    public bool SwitchBuild(ProcessNode node, bool keepsPrevious)
    {
        var isPrevious = keepsPrevious || !onPrevious.Contains(node.Name);
        _ = isPrevious ? onPrevious.Add(node.Name) : onPrevious.Remove(node.Name);
        node.Process.Program = isPrevious ? previousBuild! : NodeBinary.Path;
        return isPrevious;
    }

    /// <summary>Takes away all that a node has written.</summary>
    public void Wipe(ProcessNode node)
    {
        foreach (var folder in new[] { DataOf(node), DataOf(node) + ".durable" }.Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>
    /// Starts a node that has ended with an empty folder, so that it waits to be added; returns how the member is
    /// written.
    /// </summary>
    public string StartAnew(ProcessNode node)
    {
        // Other code may still hold the old process; the finalizer disposes of it.
        Wipe(node);
        formerLogs[node.Name] = formerLogs.GetValueOrDefault(node.Name) + node.Process.Log + "\n--- replaced\n";
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

    // Each library names itself as the one to be loaded; here all are.
    private void Equip(NodeProcess process)
    {
        var data = local.DataOf(process.Name);
        var libraries = new List<string>();
        process.Launcher = wiring.Launcher(process.Name);
        process.Program = onPrevious.Contains(process.Name) ? previousBuild! : NodeBinary.Path;
        if (Shims.CanBuild)
        {
            disks[process.Name] = new FaultyDisk(process, data);
            libraries.Add(process.Environment[Preload]);
            clocks[process.Name] = new WallClock(data + ".clock");
            libraries.Add(clocks[process.Name].GiveTo(process));
        }

        if (canCutPower)
        {
            power[process.Name] = new PowerSupply(process, data);
            libraries.Add(process.Environment[Preload]);
        }

        process.Environment[Preload] = string.Join(':', libraries);
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
