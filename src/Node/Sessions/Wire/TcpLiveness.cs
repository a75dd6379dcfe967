// Whether the machine at the other end is there, judged by TCP alone: the kernel there acknowledges, whether its
// program reads or not. Keepalive finds a silent end that is gone; the user timeout finds one that acknowledges nothing
// of what was sent to it, or whose buffer has been full for so long.
using System.Net.Sockets;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Sessions.Wire;

/// <summary>The settings by which TCP gives up a connection.</summary>
/// <param name="settings">How long a client may be out of reach: the ping timeout.</param>
internal sealed class TcpLiveness(NodeSettings settings)
{
    private const int Probes = 5;
    private const int MsPerSecond = 1000;

    // TCP_USER_TIMEOUT of Linux, which .NET has no name for. In milliseconds.
    private const int LinuxTcp = 6;
    private const int LinuxUserTimeout = 18;

    // A ping may be what is not acknowledged, and it may come an interval after the end is gone; half of the interval
    // is its mean.
    private readonly int userTimeoutMs = Math.Max(
        settings.PingTimeoutMs - (settings.PingIntervalMs / 2),
        settings.PingTimeoutMs / 2
    );
    private readonly int idleSeconds = Seconds(settings.PingTimeoutMs / 2);
    private readonly int betweenSeconds = Seconds(settings.PingTimeoutMs / 2 / Probes);

    /// <summary>
    /// Has TCP watch a connection. What the system can't do is left undone: then the other means have to suffice.
    /// </summary>
    public void Watch(Socket? socket)
    {
        if (socket is null || socket.ProtocolType != ProtocolType.Tcp)
        {
            return;
        }

        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, idleSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, betweenSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
            if (OperatingSystem.IsLinux())
            {
                socket.SetRawSocketOption(LinuxTcp, LinuxUserTimeout, BitConverter.GetBytes(userTimeoutMs));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }
    }

    private static int Seconds(int ms) => Math.Max(1, ms / MsPerSecond);
}
