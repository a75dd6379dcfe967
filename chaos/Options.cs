// What a run was asked to be. Written as a command line again, it plays the same schedule of faults.
using System.Globalization;
using RaftLocks.Chaos.Faults;
using RaftLocks.Chaos.Network;
using RaftLocks.Chaos.Testbed;

namespace RaftLocks.Chaos;

/// <summary>What the nodes are.</summary>
internal enum Stand
{
    /// <summary>Processes of this machine, with proxies between them.</summary>
    Processes,

    /// <summary>Processes of this machine, each in a network namespace of its own.</summary>
    Netns,

    /// <summary>The containers of docker-compose.yml.</summary>
    Docker,
}

/// <summary>Options of a run.</summary>
internal sealed record Options(
    double Minutes,
    int Seed,
    int Nodes,
    int Clients,
    IReadOnlyList<FaultKind> Faults,
    Stand Stand = Stand.Processes,
    string? Previous = null,
    double AvailabilityBoundS = Options.UsualAvailabilityBoundS,
    int Counters = 0
)
{
    /// <summary>
    /// How long there may be no grant while a majority is healthy: a leader that hangs is replaced in about three
    /// seconds, on a busy machine in five.
    /// </summary>
    public const double UsualAvailabilityBoundS = 5;

    private static readonly int[] Sizes = [1, 3, 5];

    /// <summary>The command that plays it again.</summary>
    public string Command =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"dotnet run --project chaos -c Release -- --minutes {Minutes} --seed {Seed} --nodes {Nodes} "
                + $"--clients "
                + $"{Clients}{(Stand == Stand.Processes ? "" : " --" + Stand.ToString().ToLowerInvariant())}"
                + $"{(Faults.Count == FaultKinds.All.Count ? "" : " --faults " + FaultNames)}"
                + $"{(Previous is null ? "" : " --previous " + Previous)}"
                + $"{(HasUsualBound ? "" : $" --availability-bound {AvailabilityBoundS}")}"
                + $"{(Counters == 0 ? "" : $" --counters {Counters}")}"
        );

    /// <summary>
    /// Whether followers forward clients to the leader, or tell them where it is: both ways get their turn.
    /// </summary>
    public bool FollowersForward => Seed % 2 != 0;

    private bool HasUsualBound => AvailabilityBoundS == UsualAvailabilityBoundS;

    private string FaultNames => Faults.Count == 0 ? "none" : string.Join(',', Faults).ToLowerInvariant();

    private string FollowerMode => FollowersForward ? "proxy" : "redirect";

    /// <summary>Why so many nodes can't be had; null if they can.</summary>
    public static string? WhyNot(int nodes, Stand stand, string? previous = null) =>
        previous is not null && stand == Stand.Docker
            ? "--previous: the containers are all of one image; without --docker nodes can be of two builds."
        : previous is not null && !File.Exists(previous)
            ? $"--previous {previous}: there is no such file. Build that version, and name its raftlocks-node.dll."
        : stand == Stand.Docker && nodes != ContainerCluster.Size
            ? $"--docker: the compose file has {ContainerCluster.Size} nodes, not {nodes}."
        : !Sizes.Contains(nodes) ? $"--nodes {nodes}: a cluster is founded with {string.Join(", ", Sizes)} nodes."
        : stand == Stand.Netns ? NamespaceWiring.WhyNot()
        : null;

    /// <summary>The cluster that was asked for; not started.</summary>
    public ICluster MakeCluster() =>
        Stand switch
        {
            Stand.Docker => new ContainerCluster(FollowerMode),
            Stand.Netns => new ProcessCluster(
                new NamespaceWiring(Nodes),
                FollowerMode,
                Faults.Contains(FaultKind.PowerCut),
                Previous
            ),
            _ => new ProcessCluster(
                new ProxyWiring(Nodes),
                FollowerMode,
                Faults.Contains(FaultKind.PowerCut),
                Previous
            ),
        };
}
