// Members connected by TCP. A connection whose other end is gone without a word (a machine that lost its power, a cable
// that was pulled) is closed by keepalive; requests have shorter bounds of their own.
using System.Net;
using System.Net.Sockets;

namespace RaftLocks.Node.Raft.Transport;

/// <summary>A network of sockets.</summary>
internal sealed class SocketNetwork : IRaftNetwork
{
    /// <inheritdoc/>
    public IRaftListener Listen(EndPoint endPoint) => new SocketListener(endPoint);

    /// <inheritdoc/>
    public async ValueTask<Stream> ConnectAsync(EndPoint endPoint, CancellationToken token)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            Configure(socket);
            await socket.ConnectAsync(endPoint, token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void Configure(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, optionValue: true);
        Set(socket, SocketOptionName.TcpKeepAliveTime, TransportLimits.KeepAliveSeconds);
        Set(socket, SocketOptionName.TcpKeepAliveInterval, TransportLimits.KeepAliveSeconds);
        Set(socket, SocketOptionName.TcpKeepAliveRetryCount, TransportLimits.KeepAliveRetries);
    }

    private static void Set(Socket socket, SocketOptionName option, int value) =>
        socket.SetSocketOption(SocketOptionLevel.Tcp, option, value);

    private sealed class SocketListener : IRaftListener
    {
        private readonly Socket socket;

        public SocketListener(EndPoint endPoint)
        {
            socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                if (endPoint is IPEndPoint { Address: var address } && address.Equals(IPAddress.IPv6Any))
                {
                    // Every address of this machine, the old kind too.
                    socket.DualMode = true;
                }

                socket.Bind(endPoint);
                socket.Listen(TransportLimits.Backlog);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        public async ValueTask<AcceptedStream> AcceptAsync(CancellationToken token)
        {
            var accepted = await socket.AcceptAsync(token);
            try
            {
                Configure(accepted);
                return new AcceptedStream(new NetworkStream(accepted, ownsSocket: true), accepted.RemoteEndPoint);
            }
            catch
            {
                // The connection was reset already.
                accepted.Dispose();
                throw;
            }
        }

        public void Dispose() => socket.Dispose();
    }
}
