// A connection between two nodes with this process in its middle: what comes from one side goes to the other, as the
// links allow.
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace RaftLocks.Chaos.Network;

/// <summary>Bytes there and back.</summary>
internal sealed class ProxiedConnection(Socket caller, IPEndPoint called, Link there, Link back) : IDisposable
{
    private const int ChunkBytes = 32 * 1024;

    // Bytes under way, at most: about what the buffers of a real connection hold.
    private const int ChunksUnderWay = 64;

    private readonly Socket callee = new(called.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly CancellationTokenSource ended = new();

    /// <summary>Passes on what comes until either side ends, or the link breaks.</summary>
    public async Task RunAsync()
    {
        try
        {
            if (there.TryAdd(this) && back.TryAdd(this))
            {
                // Whoever calls over a cut link has been accepted, and waits.
                await there.PassesAsync(isAnswer: false, ended.Token);
                await callee.ConnectAsync(called, ended.Token);
                await Task.WhenAll(
                    PumpAsync(caller, callee, there, isAnswer: false),
                    PumpAsync(callee, caller, back, isAnswer: true)
                );
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Either side went away, or was made to.
        }
        finally
        {
            there.Remove(this);
            back.Remove(this);
            Reset();
        }
    }

    /// <summary>
    /// Ends it as a crash does: both sides see a reset. A link that breaks may come a moment too late, which is no
    /// error.
    /// </summary>
    public void Reset()
    {
        try
        {
            ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself, and so did its sockets.
            return;
        }

        foreach (var socket in new[] { caller, callee })
        {
            try
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It is gone already.
            }

            socket.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        callee.Dispose();
        ended.Dispose();
    }

    private async Task PumpAsync(Socket from, Socket to, Link link, bool isAnswer)
    {
        var underWay = Channel.CreateBounded<(byte[] Bytes, long ArrivesAt)>(ChunksUnderWay);
        var delivering = DeliverAsync(underWay.Reader, to, link, isAnswer);
        try
        {
            var arrivesAt = 0L;
            var buffer = new byte[ChunkBytes];
            while (await from.ReceiveAsync(buffer, ended.Token) is > 0 and var count)
            {
                arrivesAt = link.ArrivalAfter(arrivesAt);
                await underWay.Writer.WriteAsync((buffer[..count], arrivesAt), ended.Token);
            }
        }
        catch
        {
            await ended.CancelAsync();
            throw;
        }
        finally
        {
            underWay.Writer.Complete();
            await delivering;
        }
    }

    private async Task DeliverAsync(
        ChannelReader<(byte[] Bytes, long ArrivesAt)> underWay,
        Socket to,
        Link link,
        bool isAnswer
    )
    {
        try
        {
            await foreach (var (bytes, arrivesAt) in underWay.ReadAllAsync(ended.Token))
            {
                var wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), arrivesAt);
                if (wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, ended.Token);
                }

                await link.PassesAsync(isAnswer, ended.Token);
                for (var sent = 0; sent < bytes.Length;)
                {
                    sent += await to.SendAsync(bytes.AsMemory(sent), ended.Token);
                }
            }

            // The end of the stream is news that has to get through as well; a reset has none.
            await link.PassesAsync(isAnswer, ended.Token);
            ended.Token.ThrowIfCancellationRequested();
            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            await ended.CancelAsync();
            throw;
        }
    }
}
