using System.Diagnostics;
using System.Net.WebSockets;
using HdrHistogram;
using RaftLocks.Cluster;

namespace RaftLocks.Load;

// One connection that locks, waits for "acquired", releases, waits for "ready", and begins again. It looks
// for the state's word in the reply instead of parsing JSON: the generator shares the machine with the server.

/// <summary>A client that does one cycle after the other.</summary>
internal sealed class CyclingClient(ClientWebSocket socket, Workload workload) : IDisposable
{
    private static readonly byte[] Release = """{"action":"release"}"""u8.ToArray();
    private readonly byte[] _received = new byte[1024];

    /// <summary>From lock sent to acquired, in microseconds; measured cycles only.</summary>
    public LongHistogram Latency { get; } = new(TimeStamp.Minutes(10) / (TimeStamp.Seconds(1) / 1_000_000), 3);

    /// <summary>Cycles that ended while measuring.</summary>
    public long Cycles { get; private set; }

    /// <summary>Connects through any node's address.</summary>
    public static async Task<CyclingClient> ConnectAsync(Uri url, string ns, Workload workload, CancellationToken token) =>
        new(await Handshake.FollowAsync(Handshake.V1(url, ns, abandonTimeoutMs: 1_000), token), workload);

    /// <summary>Cycles until told to stop; counts what happens while <paramref name="phase"/> measures.</summary>
    public async Task RunAsync(Phase phase, CancellationToken token)
    {
        while (!phase.IsOver)
        {
            var sentAt = Stopwatch.GetTimestamp();
            await SendAsync(workload.Next(), token);
            while (await ReceiveAsync(token) != State.Acquired)
            {
            }

            var waited = Stopwatch.GetElapsedTime(sentAt);
            await SendAsync(Release, token);
            await ReceiveAsync(token);
            if (phase.IsMeasuring)
            {
                Cycles++;
                Latency.RecordValue((long)waited.TotalMicroseconds);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => socket.Dispose();

    private ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken token) =>
        socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, token);

    private async ValueTask<State> ReceiveAsync(CancellationToken token)
    {
        var frame = await socket.ReceiveAsync(_received.AsMemory(), token);
        if (frame.MessageType == WebSocketMessageType.Close)
        {
            throw new WebSocketException($"closed by the server: {socket.CloseStatus} {socket.CloseStatusDescription}");
        }

        var reply = _received.AsSpan(0, frame.Count);
        return reply.IndexOf("\"acquired\""u8) >= 0 ? State.Acquired
            : reply.IndexOf("\"enqueued\""u8) >= 0 ? State.Enqueued
            : State.Ready;
    }

    private enum State
    {
        Ready,
        Enqueued,
        Acquired,
    }
}

/// <summary>Warm-up, measuring, over: told to all clients at once.</summary>
internal sealed class Phase
{
    private volatile int _phase;

    /// <summary>Whether cycles count.</summary>
    public bool IsMeasuring => _phase == 1;

    /// <summary>Whether the clients shall stop.</summary>
    public bool IsOver => _phase == 2;

    /// <summary>Goes on to the next phase.</summary>
    public void Next() => _phase++;
}
