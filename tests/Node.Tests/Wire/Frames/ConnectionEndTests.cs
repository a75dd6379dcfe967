// Whatever ends the bytes of a connection ends its session: else its locks would be held for ever.
using System.Net.Sockets;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Sessions;
using RaftLocks.Node.Sessions.Wire;
using RaftLocks.Node.Tests.Sessions;

namespace RaftLocks.Node.Tests.Wire.Frames;

public class ConnectionEndTests
{
    public static TheoryData<Exception> Ends =>
        new()
        {
            new SocketException((int)SocketError.TimedOut),
            new SocketException((int)SocketError.HostUnreachable),
            new IOException("broken"),
            new OperationCanceledException(),
            new NotSupportedException("something that nobody has thought of"),
        };

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task The_session_ends_and_its_lock_is_abandoned(Exception end)
    {
        var bench = new LeaderBench().Lead();
        var wire = new MemoryWire();
        var use = bench.Sessions.Namespaces.Connect("n"u8.ToArray());
        var settings = new LiveSettings(
            new NodeSettings
            {
                Name = "n1",
                ListenUrls = [],
                DataDirectory = "",
                Members = [],
            }
        );
        var rules = new ConnectionRules(settings, new Admission(settings, _ => new NamespaceLook(true, 1)));
        var running = new Connection(wire.Server, wire.ServerStream, rules).RunAsync(
            bench.Sessions,
            use,
            abandonTimeoutMs: 0,
            traits: null
        );
        await wire.SendAsync(
            ClientFrame.Of(ClientFrame.Text, """{"action":"lock","resources":[{"type":"write","path":["a"]}]}"""u8)
        );
        await bench.ApplyNextAsync();
        Assert.Equal(1, bench.Live);

        wire.EndOfInput(end);
        await running.ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(WireClient.WaitBound);
        await bench.ApplyNextAsync();

        Assert.Equal((0, 0), (bench.Live, bench.Sessions.Count));
    }
}
