// With root: each node in a network namespace of its own, all at one bridge (in a namespace of its own too, where
// nobody else's firewall is), and a packet filter that drops what it is told to. Here packets are really lost, both
// ways of a connection each by itself, the kernel's retransmissions included.
using RaftLocks.Chaos.Faults;
using RaftLocks.Chaos.Testbed;
using RaftLocks.Cluster;

namespace RaftLocks.Chaos.Network;

/// <summary>Namespaces for so many nodes. One such cluster at a time on a machine.</summary>
internal sealed class NamespaceWiring(int size) : IWiring, INetwork
{
    private const string Switch = "raftlocks-switch";
    private const string HostLink = "raftlocks0";
    private const string HostAddress = "10.199.77.254/24";
    private const int LossPercent = 10;

    private readonly HashSet<(int From, int To)> cut = [];
    private readonly HashSet<(int From, int To)> lossy = [];

    /// <inheritdoc/>
    public INetwork Network => this;

    /// <inheritdoc/>
    public IReadOnlyCollection<FaultKind> Kinds { get; } =
    [FaultKind.Partition, FaultKind.Deaf, FaultKind.Silent, FaultKind.Bridge, FaultKind.Loss];

    /// <summary>Why it can't be; null if it can.</summary>
    public static string? WhyNot() =>
        Environment.UserName == "root" && File.Exists("/usr/sbin/nft")
            ? null
            : "--netns needs root, ip and nft. Without them the proxies do: leave it out.";

    /// <inheritdoc/>
    public IReadOnlyList<NodePlan> Lay(Func<IReadOnlyDictionary<int, int>> nodeOfProcess)
    {
        LayAsync().GetAwaiter().GetResult();
        return
        [
            .. Enumerable
                .Range(0, size)
                .Select(i => new NodePlan(NameOf(i), $"{Address(i)}:7009", new Uri($"http://{Address(i)}:9009"))
                {
                    // Nobody else is on this network.
                    Settings = ["--insecure"],
                }),
        ];
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Launcher(string node) => ["ip", "netns", "exec", Namespace(node)];

    /// <inheritdoc/>
    public async Task SetAsync(IEnumerable<(int From, int To)> links, LinkState state)
    {
        foreach (var link in links)
        {
            _ = state.IsHeld ? cut.Add(link) : cut.Remove(link);
            _ = state.LossPercent > 0 ? lossy.Add(link) : lossy.Remove(link);
        }

        await FilterAsync(
            "flush set bridge chaos cut\nflush set bridge chaos "
                + $"lossy\n{Elements("cut", cut)}{Elements("lossy", lossy)}"
        );
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await TakeDownAsync();

    private static string NameOf(int node) => $"n{node + 1}";

    private static string Namespace(string node) => "raftlocks-" + node;

    private static string Address(int node) => $"10.199.77.{node + 1}";

    private static string Elements(string set, HashSet<(int From, int To)> links) =>
        links.Count == 0
            ? ""
            : $"add element bridge chaos {set} {{ "
                + $"{string.Join(", ", links.Select(link => $"{Address(link.From)} . {Address(link.To)}"))} }}\n";

    private static Task<string> IpAsync(string command) => Tool.RunAsync("ip", command.Split(' '));

    private static Task<string> FilterAsync(string rules) =>
        Tool.RunAsync("ip", ["netns", "exec", Switch, "nft", "-f", "-"], rules);

    private async Task LayAsync()
    {
        await TakeDownAsync();
        await IpAsync($"netns add {Switch}");
        await IpAsync($"-n {Switch} link add bridge0 type bridge");
        await IpAsync($"-n {Switch} link set bridge0 up");
        await IpAsync($"link add {HostLink} type veth peer name host netns {Switch}");
        await IpAsync($"addr add {HostAddress} dev {HostLink}");
        await IpAsync($"link set {HostLink} up");
        await IpAsync($"-n {Switch} link set host master bridge0 up");
        for (var i = 0; i < size; i++)
        {
            var node = Namespace(NameOf(i));
            await IpAsync($"netns add {node}");
            await IpAsync($"-n {node} link add eth0 type veth peer name {NameOf(i)} netns {Switch}");
            await IpAsync($"-n {node} addr add {Address(i)}/24 dev eth0");
            await IpAsync($"-n {node} link set eth0 up");
            await IpAsync($"-n {node} link set lo up");
            await IpAsync($"-n {Switch} link set {NameOf(i)} master bridge0 up");
        }

        await FilterAsync(
            $$"""
            table bridge chaos {
              set cut { type ipv4_addr . ipv4_addr; }
              set lossy { type ipv4_addr . ipv4_addr; }
              chain forward {
                type filter hook forward priority 0;
                ip saddr . ip daddr @cut drop
                ip saddr . ip daddr @lossy numgen random mod 100 < {{LossPercent}} drop
              }
            }
            """
        );
    }

    // What is not there need not go.
    private async Task TakeDownAsync()
    {
        for (var i = 0; i < size; i++)
        {
            await Tool.RunToEndAsync("ip", ["netns", "delete", Namespace(NameOf(i))]);
        }

        await Tool.RunToEndAsync("ip", ["link", "delete", HostLink]);
        await Tool.RunToEndAsync("ip", ["netns", "delete", Switch]);
    }
}
