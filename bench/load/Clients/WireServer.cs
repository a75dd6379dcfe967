using System.Buffers;
using System.Net.Sockets;
using RaftLocks.Load.Wire;

namespace RaftLocks.Load.Clients;

// Any server of the WebSocket protocol v1. A client looks for the state's word in the reply instead of parsing
// JSON: the generator shares the machine with the server. In load C all clients share one connection.

/// <summary>A server of protocol v1, known by the address of any of its nodes.</summary>
internal sealed class WireServer(Uri url, string ns, int seed) : ILockServer, IAsyncDisposable
{
    private const long AbandonTimeoutMs = 1_000;
    private readonly SharedConnection shared = new(url, ns);

    /// <inheritdoc />
    public async Task<ILocker> ConnectAsync(string load, int client, CancellationToken token) =>
        load == "C"
            ? shared.Channel(client)
            : new WireLocker(
                await RawHandshake.ConnectAsync(url, ns, AbandonTimeoutMs, token: token),
                Workload.Of(load, client, seed)
            );

    /// <inheritdoc />
    public ValueTask DisposeAsync() => shared.DisposeAsync();
}

/// <summary>One connection.</summary>
internal sealed class WireLocker(Socket socket, Workload workload) : ILocker
{
    private static readonly byte[] Release = Frames.Write(Frames.Text, """{"action":"release"}"""u8);
    private readonly ArrayBufferWriter<byte> message = new();
    private readonly byte[] received = new byte[1024];
    private int held;

    private enum Heard
    {
        Nothing,
        Acquired,
        OtherReply,
    }

    /// <inheritdoc />
    public async ValueTask AcquireAsync(CancellationToken token)
    {
        message.ResetWrittenCount();
        Frames.WriteText(message, workload.Next().Span);
        await SendAsync(message.WrittenMemory, token);
        while (await ReceiveAsync(token) != Heard.Acquired) { }
    }

    /// <inheritdoc />
    public async ValueTask ReleaseAsync(CancellationToken token)
    {
        await SendAsync(Release, token);
        await ReceiveAsync(token);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> frame, CancellationToken token)
    {
        while (!frame.IsEmpty)
        {
            frame = frame[await socket.SendAsync(frame, token)..];
        }
    }

    /// <summary>Waits for the next reply.</summary>
    private async ValueTask<Heard> ReceiveAsync(CancellationToken token)
    {
        while (true)
        {
            var heard = Take(out var pong);
            if (pong is not null)
            {
                await SendAsync(pong, token);
            }

            if (heard != Heard.Nothing)
            {
                return heard;
            }

            if (held == received.Length)
            {
                throw new IOException($"A reply is longer than {received.Length} bytes.");
            }

            var read = await socket.ReceiveAsync(received.AsMemory(held), token);
            held += read > 0 ? read : throw new IOException("The server closed the connection.");
        }
    }

    /// <summary>Takes what was received up to the first reply; the rest stays.</summary>
    private Heard Take(out byte[]? pong)
    {
        pong = null;
        var heard = Heard.Nothing;
        var taken = 0;
        while (heard == Heard.Nothing && Frames.TryRead(received.AsSpan(taken, held - taken), out var frame))
        {
            taken += frame.Length;
            switch (frame.Kind)
            {
                case Frames.Text:
                    heard = frame.Payload.IndexOf("\"acquired\""u8) >= 0 ? Heard.Acquired : Heard.OtherReply;
                    break;
                case Frames.Ping:
                    pong = Frames.Write(Frames.Pong, frame.Payload);
                    break;
                case Frames.Close:
                    throw new IOException(frame.CloseText);
            }
        }

        received.AsSpan(taken, held - taken).CopyTo(received);
        held -= taken;
        return heard;
    }
}
