// The listener of a member lives as long as the node.
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RaftLocks.Node.Raft.Transport;

namespace RaftLocks.Node.Tests.Raft;

public sealed class InboundListenerTests
{
    private static readonly IPEndPoint Address = new(IPAddress.Loopback, 1);
    private readonly FakeTimeProvider time = new() { AutoAdvanceAmount = TimeSpan.Zero };
    private readonly List<string> lost = [];

    [Theory]
    [InlineData(SocketError.TooManyOpenSockets)]
    [InlineData(SocketError.NoBufferSpaceAvailable)]
    [InlineData(SocketError.ConnectionAborted)]
    [InlineData(SocketError.NetworkDown)]
    public async Task A_connection_that_can_not_be_accepted_is_followed_by_another_try(SocketError error)
    {
        const int failures = 20;
        var network = new ScriptedNetwork();
        for (var i = 0; i < failures; i++)
        {
            network.Accepted.Enqueue(() => throw new SocketException((int)error));
        }

        network.Accepted.Enqueue(() => new AcceptedStream(new MemoryStream(), Address));
        var admission = new ScriptedAdmission();
        await using var listener = new InboundListener(
            network,
            Address,
            admission,
            null,
            time,
            NullLogger.Instance,
            (why, _) => lost.Add(why)
        );
        var accepting = listener.AcceptAsync().AsTask();
        for (var waits = 0; !accepting.IsCompleted; waits++)
        {
            // Each failure is followed by a wait, and none of them is longer than this.
            Assert.InRange(waits, 0, failures);
            time.Advance(TimeSpan.FromMilliseconds(TransportLimits.MaxAcceptRetryMs));
        }

        Assert.NotNull(await accepting);
        Assert.Empty(lost);
        Assert.Equal(failures, admission.NotAccepted);
    }

    [Fact]
    public async Task A_listener_that_is_lost_is_told_of()
    {
        var network = new ScriptedNetwork();
        network.Accepted.Enqueue(() => throw new SocketException((int)SocketError.NotSocket));
        await using var listener = new InboundListener(
            network,
            Address,
            new ScriptedAdmission(),
            null,
            time,
            NullLogger.Instance,
            (why, _) => lost.Add(why)
        );
        await Assert.ThrowsAsync<SocketException>(() => listener.AcceptAsync().AsTask());
        Assert.Contains("no longer connect", Assert.Single(lost), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_stops_has_lost_nothing()
    {
        var network = new ScriptedNetwork();
        var listener = new InboundListener(
            network,
            Address,
            new ScriptedAdmission(),
            null,
            time,
            NullLogger.Instance,
            (why, _) => lost.Add(why)
        );
        network.Accepted.Enqueue(() =>
        {
            listener.DisposeAsync().AsTask().Wait();
            throw new SocketException((int)SocketError.OperationAborted);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listener.AcceptAsync().AsTask());
        Assert.Empty(lost);
    }

    [Fact]
    public void At_the_limit_the_connection_that_was_silent_for_longest_is_closed()
    {
        var table = new InboundTable(limit: 3, new ScriptedAdmission(), time);
        var connections = Enumerable
            .Range(0, 4)
            .Select(_ => table.Add(new AcceptedStream(new MemoryStream(), Address)))
            .ToList();
        Assert.Equal(3, table.Count);
        Assert.True(connections[0].ConnectionClosed.IsCancellationRequested);
        Assert.All(
            connections.Skip(1),
            connection => Assert.False(connection.ConnectionClosed.IsCancellationRequested)
        );

        // To end one twice does no harm.
        connections[1].Abort();
        connections[1].Dispose();
        Assert.Equal(2, table.Count);
    }

    private sealed class ScriptedNetwork : IRaftNetwork, IRaftListener
    {
        public Queue<Func<AcceptedStream>> Accepted { get; } = new();

        public IRaftListener Listen(EndPoint endPoint) => this;

        public ValueTask<Stream> ConnectAsync(EndPoint endPoint, CancellationToken token) =>
            throw new NotSupportedException();

        public ValueTask<AcceptedStream> AcceptAsync(CancellationToken token) =>
            ValueTask.FromResult(Accepted.Dequeue()());

        public void Dispose() { }
    }
}
