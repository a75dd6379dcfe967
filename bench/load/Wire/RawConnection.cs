using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace RaftLocks.Load.Wire;

// A WebSocket client that takes little memory and time, for tens of thousands of connections or locks: it speaks
// straight to the leader, keeps no buffer while nothing comes, and hands over each text message as bytes.

/// <summary>Handles a text message; the bytes are valid during the call.</summary>
internal delegate void OnText(ReadOnlySpan<byte> message);

/// <summary>One connection to the leader.</summary>
internal sealed class RawConnection : IDisposable
{
    private const int BufferBytes = 16 * 1024;
    private readonly Socket socket;
    private readonly SemaphoreSlim sending = new(1);
    private readonly OnText onText;

    private RawConnection(Socket socket, OnText onText)
    {
        this.socket = socket;
        this.onText = onText;
        Ended = ReceiveAsync();
    }

    /// <summary>Completes when the connection is gone; says why in words.</summary>
    public Task<string> Ended { get; }

    /// <summary>Connects and shakes hands.</summary>
    /// <param name="leader">The leader's address for clients.</param>
    /// <param name="ns">The namespace.</param>
    /// <param name="abandonTimeoutMs">How long its locks outlive it.</param>
    /// <param name="onText">Handles the messages, on any thread, one at a time.</param>
    /// <param name="from">The address to connect from: each has some 28 000 ports.</param>
    public static async Task<RawConnection> ConnectAsync(
        Uri leader,
        string ns,
        long abandonTimeoutMs,
        OnText onText,
        IPAddress? from = null
    ) => new RawConnection(await RawHandshake.ConnectAsync(leader, ns, abandonTimeoutMs, from), onText);

    /// <summary>Sends frames that were written with <see cref="Frames"/>.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> frames)
    {
        await sending.WaitAsync();
        try
        {
            while (!frames.IsEmpty)
            {
                frames = frames[await socket.SendAsync(frames)..];
            }
        }
        finally
        {
            sending.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        socket.Dispose();
        sending.Dispose();
    }

    private async Task TrySendAsync(byte[] pong)
    {
        try
        {
            await SendAsync(pong);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Receiving tells it.
        }
    }

    private async Task<string> ReceiveAsync()
    {
        byte[]? buffer = null;
        var held = 0;
        try
        {
            while (true)
            {
                // Waits without a buffer.
                await socket.ReceiveAsync(Memory<byte>.Empty);
                buffer ??= ArrayPool<byte>.Shared.Rent(BufferBytes);
                var read = await socket.ReceiveAsync(buffer.AsMemory(held));
                if (read == 0)
                {
                    return "the server closed the connection";
                }

                held += read;
                var (taken, pong, close) = Take(buffer.AsSpan(0, held));
                buffer.AsSpan(taken, held - taken).CopyTo(buffer);
                held -= taken;
                if (close is not null)
                {
                    return close;
                }

                if (pong is not null)
                {
                    // Not waited for: the server may take nothing more until somebody receives what it has sent.
                    _ = TrySendAsync(pong);
                }

                if (held == 0)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = null;
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return e.Message;
        }
    }

    // Takes all whole frames; the last ping is answered.
    private (int Taken, byte[]? Pong, string? Close) Take(ReadOnlySpan<byte> bytes)
    {
        var taken = 0;
        byte[]? pong = null;
        while (Frames.TryRead(bytes[taken..], out var frame))
        {
            taken += frame.Length;
            switch (frame.Kind)
            {
                case Frames.Text:
                    onText(frame.Payload);
                    break;
                case Frames.Ping:
                    pong = Frames.Write(Frames.Pong, frame.Payload);
                    break;
                case Frames.Close:
                    return (taken, null, frame.CloseText);
            }
        }

        return (taken, pong, null);
    }
}
