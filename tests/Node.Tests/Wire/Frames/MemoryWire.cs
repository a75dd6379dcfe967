// A WebSocket whose bytes go through memory: the server's end is ours, the client's end is bytes, or the framework's
// WebSocket as an oracle.
using System.IO.Pipelines;
using System.Net.WebSockets;
using Microsoft.Extensions.Time.Testing;
using RaftLocks.Node.Sessions.Wire;

namespace RaftLocks.Node.Tests.Wire.Frames;

internal sealed class MemoryWire : IWireEnds
{
    private readonly Pipe toServer = new();
    private readonly Pipe toClient;

    public MemoryWire(int clientBufferBytes = 1 << 20)
    {
        toClient = new Pipe(
            new PipeOptions(pauseWriterThreshold: clientBufferBytes, resumeWriterThreshold: clientBufferBytes / 2)
        );
        ServerStream = new CorkedStream(new Duplex(toServer.Reader.AsStream(), toClient.Writer.AsStream()));
        Server = new WireSocket(ServerStream, this, Time);
        ClientStream = new Duplex(toClient.Reader.AsStream(), toServer.Writer.AsStream());
    }

    public FakeTimeProvider Time { get; } = new();

    public WireSocket Server { get; }

    public CorkedStream ServerStream { get; }

    public Stream ClientStream { get; }

    public bool IsAborted { get; private set; }

    public bool HasEndedSending { get; private set; }

    public WebSocket Oracle() =>
        WebSocket.CreateFromStream(ClientStream, new WebSocketCreationOptions { IsServer = false });

    public void Abort()
    {
        IsAborted = true;
        toServer.Writer.Complete(new IOException("broken off"));
        toClient.Reader.Complete();
    }

    public void EndSending() => HasEndedSending = true;

    /// <summary>The client sends nothing more, or the connection fails.</summary>
    public void EndOfInput(Exception? why = null) => toServer.Writer.Complete(why);

    public async Task SendAsync(params byte[] bytes)
    {
        await ClientStream.WriteAsync(bytes);
        await ClientStream.FlushAsync();
    }

    /// <summary>Receives one message of any length, as text or not.</summary>
    public async Task<(WebSocketMessageType Type, byte[] Bytes)> ReceiveAsync(int partBytes = 1000)
    {
        var whole = new MemoryStream();
        var part = new byte[partBytes];
        while (true)
        {
            var received = await Server
                .ReceiveAsync(part.AsMemory(), CancellationToken.None)
                .AsTask()
                .WaitAsync(WireClient.WaitBound);
            whole.Write(part, 0, received.Count);
            if (received.MessageType == WebSocketMessageType.Close || received.EndOfMessage)
            {
                return (received.MessageType, whole.ToArray());
            }
        }
    }

    private sealed class Duplex(Stream reads, Stream writes) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            reads.ReadAsync(buffer, cancellationToken);

        public override async ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer,
            CancellationToken cancellationToken = default
        )
        {
            await writes.WriteAsync(buffer, cancellationToken);
            await writes.FlushAsync(cancellationToken);
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => writes.FlushAsync(cancellationToken);

        public override void Flush() { }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
