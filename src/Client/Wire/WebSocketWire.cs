// A connection over a WebSocket, the client's end of it: blocking reads and writes, each from a thread of its own.
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace RaftLocks.Client.Wire;

/// <summary>A connection.</summary>
/// <param name="opened">The stream after the handshake.</param>
/// <param name="node">The node at the other end.</param>
internal sealed class WebSocketWire(OpenedStream opened, Uri node) : IWire
{
    private const int CodeBytes = 2;
    private static readonly byte[] NormalClosure = [0x03, 0xe8];

    private readonly FrameReader reader = new(opened.Stream, opened.Begun);
    private readonly FrameWriter writer = new(opened.Stream);
    private MemoryStream? parts;
    private volatile bool hasSaidGoodBye;

    public Uri Node => node;

    public void Send(ReadOnlySpan<byte> message, bool hasMore)
    {
        try
        {
            writer.Write(Opcode.Text, message, hasMore);
        }
        catch (Exception e) when (IsBroken(e))
        {
            throw new IOException(e.Message, e);
        }
    }

    public Received Receive()
    {
        try
        {
            while (true)
            {
                var frame = reader.Read();
                switch (frame.Opcode)
                {
                    case Opcode.Text or Opcode.Continuation when Whole(frame) is { } message:
                        return new Received(message, IsEnd: false, null, null);
                    case Opcode.Text or Opcode.Continuation or Opcode.Pong:
                        break;
                    case Opcode.Ping:
                        Answer(Opcode.Pong, frame.Payload.Span);
                        break;
                    case Opcode.Close:
                        return Closed(frame.Payload.Span);
                    default:
                        return new Received(default, IsEnd: true, null, "the node sent a frame that is no text");
                }
            }
        }
        catch (Exception e) when (IsBroken(e))
        {
            return new Received(default, IsEnd: true, null, e.Message);
        }
    }

    // The system resets a connection that is closed with something unread in it, or while a read waits for it. A reset
    // takes from the node what it has not read yet, the last releases too. So only the sending ends here.
    public void Close()
    {
        try
        {
            hasSaidGoodBye = true;
            writer.Write(Opcode.Close, NormalClosure);
            opened.EndSending();
        }
        catch (Exception e) when (IsBroken(e) || e is SocketException)
        {
            // It is broken already.
            Abort();
        }
    }

    public void Abort() => opened.Abort();

    public void Dispose()
    {
        Abort();
        opened.Stream.Dispose();
    }

    /// <summary>The message that this frame completes; null if more of it follows.</summary>
    private ReadOnlyMemory<byte>? Whole(in Frame frame)
    {
        if ((frame.Opcode == Opcode.Text) == (parts is not null))
        {
            throw new IOException("the node mixed the parts of two messages");
        }

        if (frame is { IsFinal: true, Opcode: Opcode.Text })
        {
            return frame.Payload;
        }

        parts ??= new MemoryStream();
        if (parts.Length + frame.Payload.Length > FrameReader.MaxMessageBytes)
        {
            throw new IOException($"the node sent a message of more than {FrameReader.MaxMessageBytes} bytes");
        }

        parts.Write(frame.Payload.Span);
        if (!frame.IsFinal)
        {
            return null;
        }

        var whole = parts.ToArray();
        parts = null;
        return whole;
    }

    // The close is answered with its own code, so that the server need not wait for that.
    private Received Closed(ReadOnlySpan<byte> payload)
    {
        int? code = payload.Length >= CodeBytes ? BinaryPrimitives.ReadUInt16BigEndian(payload) : null;
        var reason = payload.Length > CodeBytes ? Encoding.UTF8.GetString(payload[CodeBytes..]) : null;
        try
        {
            Answer(Opcode.Close, payload.Length >= CodeBytes ? payload[..CodeBytes] : []);
        }
        catch (Exception e) when (IsBroken(e))
        {
            // It is gone already.
        }

        return new Received(default, IsEnd: true, code, reason);
    }

    /// <summary>Sends what answers a frame of the node; nothing after the good-bye.</summary>
    private void Answer(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        if (!hasSaidGoodBye)
        {
            writer.Write(opcode, payload);
        }
    }

    private static bool IsBroken(Exception e) =>
        e is IOException or ObjectDisposedException or InvalidOperationException or NotSupportedException;
}
