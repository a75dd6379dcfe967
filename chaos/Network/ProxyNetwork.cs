// A network in user space: in front of each node's Raft port and internal HTTP address stands a proxy, and those are the addresses that the members
// know of each other. So it needs no root, and every directed link can be hurt by itself.
using System.Net;
using System.Net.Sockets;
using RaftLocks.Chaos.Faults;

namespace RaftLocks.Chaos.Network;

/// <summary>All links between some nodes.</summary>
internal sealed class ProxyNetwork : INetwork, IDisposable
{
    private readonly Link[,] links;
    private readonly Func<IReadOnlyDictionary<int, int>> nodeOfProcess;
    private readonly List<TcpListener> listeners = [];

    /// <summary>Links between so many nodes, known by number; who calls is known by the number of its process.</summary>
    public ProxyNetwork(int nodes, Func<IReadOnlyDictionary<int, int>> nodeOfProcess)
    {
        this.nodeOfProcess = nodeOfProcess;
        links = new Link[nodes, nodes];
        for (var i = 0; i < nodes * nodes; i++)
        {
            links[i / nodes, i % nodes] = new Link();
        }
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<FaultKind> Kinds => FaultKinds.OfNetworks;

    /// <summary>Opens a way to an address of a node; returns the port of the proxy.</summary>
    public int OpenWayTo(int node, int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        listeners.Add(listener);
        _ = ServeAsync(listener, node, new IPEndPoint(IPAddress.Loopback, port));
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <inheritdoc/>
    public Task SetAsync(IEnumerable<(int From, int To)> links, LinkState state)
    {
        foreach (var (from, to) in links)
        {
            this.links[from, to].Set(state);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => listeners.ForEach(listener => listener.Dispose());

    private async Task ServeAsync(TcpListener listener, int node, IPEndPoint address)
    {
        while (true)
        {
            Socket caller;
            try
            {
                caller = await listener.AcceptSocketAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            _ = PassOnAsync(caller, node, address);
        }
    }

    private async Task PassOnAsync(Socket caller, int node, IPEndPoint address)
    {
        using (caller)
        {
            if (Caller(caller) is { } from)
            {
                caller.NoDelay = true;
                using var connection = new ProxiedConnection(caller, address, links[from, node], links[node, from]);
                await connection.RunAsync();
            }
        }
    }

    /// <summary>Which node calls; null if it has ended since.</summary>
    private int? Caller(Socket caller)
    {
        try
        {
            var nodes = nodeOfProcess();
            var process = SocketOwners.Find(((IPEndPoint)caller.RemoteEndPoint!).Port, ((IPEndPoint)caller.LocalEndPoint!).Port, nodes.Keys);
            return process is { } known ? nodes[known] : null;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return null;
        }
    }
}
