// How TCP is told to check a connection; and which end of what a client sent counts as a close.
using System.Net;
using System.Net.Sockets;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Routing;
using RaftLocks.Node.Sessions.Wire;

namespace RaftLocks.Node.Tests.Wire.Frames;

public class TcpLivenessTests
{
    private const int LinuxTcp = 6;
    private const int LinuxUserTimeout = 18;

    [Fact]
    public async Task A_machine_that_is_gone_is_found_by_TCP_within_some_twenty_seconds()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var accepted = await listener.AcceptSocketAsync();

        new TcpLiveness(Settings()).Watch(accepted);

        var (idle, between, probes) = (
            Option(accepted, SocketOptionName.TcpKeepAliveTime),
            Option(accepted, SocketOptionName.TcpKeepAliveInterval),
            Option(accepted, SocketOptionName.TcpKeepAliveRetryCount)
        );
        Assert.NotEqual(0, (int)accepted.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)!);
        Assert.Equal(20, idle + (between * probes));
        if (OperatingSystem.IsLinux())
        {
            var timeout = new byte[sizeof(int)];
            accepted.GetRawSocketOption(LinuxTcp, LinuxUserTimeout, timeout);
            Assert.Equal(15_000, BitConverter.ToInt32(timeout));
        }
    }

    [Fact]
    public void What_has_ended_or_is_no_TCP_is_left_alone()
    {
        var tcp = new TcpLiveness(Settings());
        using var unix = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        tcp.Watch(null);
        tcp.Watch(unix);
        var ended = new Socket(SocketType.Stream, ProtocolType.Tcp);
        ended.Dispose();
        tcp.Watch(ended);
    }

    [Fact]
    public void A_close_at_the_end_of_what_a_client_sent_is_seen_with_and_without_a_reason()
    {
        Assert.True(LingeringUpgrade.EndsWithClose(ClientFrame.Of(ClientFrame.Close, [])));
        Assert.True(LingeringUpgrade.EndsWithClose(ClientFrame.CloseWith(4321, "bye")));
        Assert.True(
            LingeringUpgrade.EndsWithClose([
                .. ClientFrame.Of(ClientFrame.Text, "{}"u8),
                .. ClientFrame.CloseWith(1000, new string('x', 123)),
            ])
        );
        Assert.False(LingeringUpgrade.EndsWithClose([]));
        Assert.False(LingeringUpgrade.EndsWithClose(ClientFrame.Of(ClientFrame.Text, "{}"u8)));
        Assert.False(LingeringUpgrade.EndsWithClose([.. ClientFrame.CloseWith(1000), 0x81]));
    }

    private static int Option(Socket socket, SocketOptionName name) =>
        (int)socket.GetSocketOption(SocketOptionLevel.Tcp, name)!;

    private static NodeSettings Settings() =>
        new()
        {
            Name = "n1",
            ListenUrls = ["http://127.0.0.1:0"],
            DataDirectory = "/nowhere",
            Members = [new Member("n1", "127.0.0.1", 0, new Uri("http://a"), new Uri("http://a"))],
        };
}
