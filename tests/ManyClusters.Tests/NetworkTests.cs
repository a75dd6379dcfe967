// The network in memory does to whoever connects what a real one may do.
using RaftLocks.ManyClusters.Network;

namespace RaftLocks.ManyClusters;

/// <summary>What arrives, and what does not.</summary>
public class NetworkTests
{
    private static readonly TimeSpan WaitBound = TimeSpan.FromSeconds(30);
    private static readonly byte[] Said = [1, 2, 3];

    [Fact]
    public async Task What_is_sent_arrives_and_so_does_the_end()
    {
        await using var two = await ConnectedAsync(new MemoryNetwork(2));
        await two.Connecting.WriteAsync(Said);
        Assert.Equal(Said, await ReadAsync(two.Accepting));
        await two.Connecting.DisposeAsync();
        Assert.Empty(await ReadAsync(two.Accepting));
    }

    [Fact]
    public async Task Nothing_arrives_over_a_cut_link_until_it_is_whole_and_the_other_direction_is_not_concerned()
    {
        var network = new MemoryNetwork(2);
        await using var two = await ConnectedAsync(network);
        network[0, 1].Cut(true);
        await two.Connecting.WriteAsync(Said);
        var reading = ReadAsync(two.Accepting);
        await two.Accepting.WriteAsync(Said);
        Assert.Equal(Said, await ReadAsync(two.Connecting));
        Assert.False(reading.IsCompleted);
        network[0, 1].Cut(false);
        Assert.Equal(Said, await reading);
    }

    [Fact]
    public async Task Nobody_connects_over_a_link_that_is_cut_or_swallows_and_a_process_that_is_not_there_refuses()
    {
        var network = new MemoryNetwork(2);
        await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(() =>
            ConnectAsync(network, CancellationToken.None)
        );
        using var listener = network.Of(1).Listen(MemoryNetwork.AddressOf(1));
        foreach (
            var spoil in new Action[]
            {
                () => network[0, 1].Swallow(true),
                () => network[0, 1].Cut(true),
                () => network[1, 0].Cut(true),
            }
        )
        {
            spoil();
            using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ConnectAsync(network, timeout.Token));
            network.Heal();
        }

        await ConnectAsync(network, CancellationToken.None).WaitAsync(WaitBound);
    }

    [Fact]
    public async Task Of_a_machine_that_loses_its_power_nobody_hears_until_it_is_back()
    {
        var network = new MemoryNetwork(2);
        var powered = network.Of(1);
        await using var two = await ConnectedAsync(network, powered);
        powered.End(silently: true);
        await Assert.ThrowsAsync<IOException>(() => two.Accepting.WriteAsync(Said).AsTask());
        await two.Connecting.WriteAsync(Said);
        var reading = ReadAsync(two.Connecting);
        Assert.False(reading.IsCompleted);
        using var listener = network.Of(1).Listen(MemoryNetwork.AddressOf(1));
        await Assert.ThrowsAsync<IOException>(() => reading);
    }

    [Fact]
    public async Task A_process_that_is_killed_breaks_its_connections()
    {
        var network = new MemoryNetwork(2);
        var killed = network.Of(1);
        await using var two = await ConnectedAsync(network, killed);
        var reading = ReadAsync(two.Connecting);
        killed.End(silently: false);
        await Assert.ThrowsAsync<IOException>(() => reading);
    }

    private static Task<Stream> ConnectAsync(MemoryNetwork network, CancellationToken token) =>
        network.Of(0).ConnectAsync(MemoryNetwork.AddressOf(1), token).AsTask();

    private static async Task<byte[]> ReadAsync(Stream stream)
    {
        var buffer = new byte[16];
        return buffer[..await stream.ReadAsync(buffer).AsTask().WaitAsync(WaitBound)];
    }

    private static async Task<Two> ConnectedAsync(MemoryNetwork network, MemoryNetwork.ProcessNetwork? accepts = null)
    {
        var listener = (accepts ?? network.Of(1)).Listen(MemoryNetwork.AddressOf(1));
        var connecting = await ConnectAsync(network, CancellationToken.None);
        return new Two(connecting, (await listener.AcceptAsync(CancellationToken.None)).Stream);
    }

    private sealed record Two(Stream Connecting, Stream Accepting) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Connecting.DisposeAsync();
            await Accepting.DisposeAsync();
        }
    }
}
