// Frames as a client sends them, broken ones too.
using System.Buffers.Binary;

namespace RaftLocks.Node.Tests.Wire.Frames;

internal static class ClientFrame
{
    public const byte Continuation = 0;
    public const byte Text = 1;
    public const byte Close = 8;
    public const byte Ping = 9;
    public const byte Pong = 10;

    private static readonly byte[] Key = [0x12, 0x34, 0x56, 0x78];

    public static byte[] Of(
        byte type,
        ReadOnlySpan<byte> payload,
        bool isFinal = true,
        bool isMasked = true,
        byte reserved = 0
    )
    {
        var frame = new List<byte> { (byte)((isFinal ? 0x80 : 0) | reserved | type) };
        var mask = (byte)(isMasked ? 0x80 : 0);
        if (payload.Length < 126)
        {
            frame.Add((byte)(mask | payload.Length));
        }
        else
        {
            frame.AddRange([(byte)(mask | 126), (byte)(payload.Length >> 8), (byte)payload.Length]);
        }

        frame.AddRange(isMasked ? Key : []);
        for (var i = 0; i < payload.Length; i++)
        {
            frame.Add((byte)(isMasked ? payload[i] ^ Key[i % Key.Length] : payload[i]));
        }

        return [.. frame];
    }

    public static byte[] CloseWith(int code, string reason = "")
    {
        var payload = new byte[2 + reason.Length];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        System.Text.Encoding.ASCII.GetBytes(reason, payload.AsSpan(2));
        return Of(Close, payload);
    }
}
