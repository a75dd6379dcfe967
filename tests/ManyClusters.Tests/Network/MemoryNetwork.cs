// A network in memory between the nodes of one cluster: no sockets, and each direction between two nodes can be made to
// misbehave by itself.
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using RaftLocks.Node.Raft.Transport;

namespace RaftLocks.ManyClusters.Network;

/// <summary>All links and listeners of one cluster.</summary>
internal sealed class MemoryNetwork(int nodes)
{
    private readonly Link[,] links = AllLinks(nodes);
    private readonly ConcurrentDictionary<int, Listener> listeners = new();
    private readonly Lock gate = new();
    private readonly List<Connection> connections = [];

    /// <summary>The address of a node.</summary>
    public static IPEndPoint AddressOf(int node) => new(new IPAddress([10, 0, 0, (byte)(node + 1)]), 7000);

    /// <summary>The way from one node to another.</summary>
    public Link this[int from, int to] => links[from, to];

    /// <summary>The network as one process on a node uses it.</summary>
    public ProcessNetwork Of(int node) => new(this, node);

    /// <summary>Breaks all connections of a node.</summary>
    public void Drop(int node)
    {
        foreach (var one in TakeConnectionsOf(node))
        {
            one.Connecting.Break();
        }
    }

    /// <summary>Makes all links as they should be.</summary>
    public void Heal()
    {
        foreach (var link in links)
        {
            link.Heal();
        }
    }

    private static Link[,] AllLinks(int nodes)
    {
        var all = new Link[nodes, nodes];
        for (var i = 0; i < nodes * nodes; i++)
        {
            all[i / nodes, i % nodes] = new Link();
        }

        return all;
    }

    private async ValueTask<Stream> ConnectAsync(int from, EndPoint endPoint, CancellationToken token)
    {
        var to = ((IPEndPoint)endPoint).Address.GetAddressBytes()[^1] - 1;
        var (there, back) = (links[from, to], links[to, from]);
        if (there.DelayMs > 0)
        {
            await Task.Delay(there.DelayMs, token);
        }

        while (there.SwallowsConnects || there.IsCut || back.IsCut)
        {
            await Task.Delay(Timeout.Infinite, token);
        }

        if (!listeners.TryGetValue(to, out var listener))
        {
            throw new SocketException((int)SocketError.ConnectionRefused);
        }

        var (connecting, accepting) = ConnectionEnd.Pair(there, back);
        lock (gate)
        {
            connections.RemoveAll(one => one.Connecting.IsDisposed && one.Accepting.IsDisposed);
            connections.Add(new Connection(from, to, connecting, accepting));
        }

        return listener.Offer(new AcceptedStream(accepting, AddressOf(from)))
            ? connecting
            : throw new SocketException((int)SocketError.ConnectionRefused);
    }

    private Connection[] TakeConnectionsOf(int node)
    {
        lock (gate)
        {
            Connection[] taken = [.. connections.Where(one => one.From == node || one.To == node)];
            connections.RemoveAll(one => one.From == node || one.To == node);
            return taken;
        }
    }

    /// <summary>The network as one process uses it, until it ends.</summary>
    internal sealed class ProcessNetwork(MemoryNetwork network, int node) : IRaftNetwork
    {
        private volatile bool ended;

        public IRaftListener Listen(EndPoint endPoint)
        {
            ObjectDisposedException.ThrowIf(ended, this);
            var listener = new Listener(network, node, this);
            if (!network.listeners.TryAdd(node, listener))
            {
                throw new SocketException((int)SocketError.AddressAlreadyInUse);
            }

            // Whoever still waits for the process that was here before learns now that it is gone.
            network.Drop(node);
            return listener;
        }

        public ValueTask<Stream> ConnectAsync(EndPoint endPoint, CancellationToken token) =>
            ended
                ? ValueTask.FromException<Stream>(new SocketException((int)SocketError.NetworkDown))
                : network.ConnectAsync(node, endPoint, token);

        /// <summary>The process is gone. If silently, the others hear nothing of it before there is another.</summary>
        public void End(bool silently)
        {
            ended = true;
            if (network.listeners.TryGetValue(node, out var listener) && listener.Owner == this)
            {
                listener.Dispose();
            }

            if (!silently)
            {
                network.Drop(node);
                return;
            }

            lock (network.gate)
            {
                foreach (var one in network.connections.Where(one => one.From == node || one.To == node))
                {
                    (one.From == node ? one.Connecting : one.Accepting).Vanish();
                }
            }
        }
    }

    private sealed record Connection(int From, int To, ConnectionEnd Connecting, ConnectionEnd Accepting);

    private sealed class Listener(MemoryNetwork network, int node, ProcessNetwork owner) : IRaftListener
    {
        public ProcessNetwork Owner => owner;

        private readonly Channel<AcceptedStream> arrived = Channel.CreateUnbounded<AcceptedStream>();

        public bool Offer(AcceptedStream stream) => arrived.Writer.TryWrite(stream);

        public async ValueTask<AcceptedStream> AcceptAsync(CancellationToken token)
        {
            try
            {
                return await arrived.Reader.ReadAsync(token);
            }
            catch (ChannelClosedException e)
            {
                throw new ObjectDisposedException("The listener is closed.", e);
            }
        }

        public void Dispose()
        {
            arrived.Writer.TryComplete();
            network.listeners.TryRemove(new KeyValuePair<int, Listener>(node, this));
        }
    }
}
