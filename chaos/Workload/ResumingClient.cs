// A client with a session: whatever happens to its connection, it comes back and is told where it stands, a lock that
// it holds or a place in the queue included. It goes on from there, and writes it down as one request. While it waits
// it pings: an answered ping proves that what it has lives for the abandon timeout at least, counted from when the ping
// was sent.
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using RaftLocks.Chaos.History;
using RaftLocks.Chaos.Testbed;
using RaftLocks.Cluster;

namespace RaftLocks.Chaos.Workload;

/// <summary>One client that resumes.</summary>
internal sealed class ResumingClient(int number, ICluster cluster, int seed, Clock clock, Action<Request> record)
{
    private static readonly TimeSpan PingEvery = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan ConnectBound = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(15);

    private readonly Random random = new(seed);
    private readonly string token = Guid.NewGuid().ToString("N");

    // When each ping was sent that was not answered on this connection yet.
    private readonly Dictionary<string, double> pings = [];
    private long lastPing;
    private double lastPingAt;

    // What it asked for and has not let go of; null when it has nothing.
    private Request? live;
    private bool releaseSent;

    /// <summary>Works until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var mix = new Mix(random);
        var ns = mix.Namespace();
        var timeoutMs = mix.SessionTimeoutMs();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var connection = await WireClient.ConnectAsync(
                    cluster.AnyRunning(random).Url,
                    ns,
                    timeoutMs,
                    ConnectBound,
                    PingEvery,
                    token
                );
                pings.Clear();
                lastPingAt = 0;
                Resume(await NextAsync(connection));
                while (!stop.IsCancellationRequested && random.Next(12) > 0)
                {
                    await StepAsync(connection, mix, ns, timeoutMs);
                }

                if (stop.IsCancellationRequested && live is not null)
                {
                    await ReleaseAsync(connection);
                }

                // Away for a moment, whatever it has.
                await connection.BreakAsync();
                await Task.Delay(random.Next(300), CancellationToken.None);
            }
            catch (Exception e)
                when (e
                        is HandshakeRefusedException
                            or WebSocketException
                            or TimeoutException
                            or IOException
                            or ConnectionEndedException
                            or InvalidOperationException
                )
            {
                await Task.Delay(random.Next(50, 300), CancellationToken.None);
            }
        }

        End(Ending.Vanish);
    }

    /// <summary>Reads what it is told when it comes back.</summary>
    private void Resume(Reply told)
    {
        if (told.Action != "resume")
        {
            throw new InvalidOperationException($"told '{told.Action}' before where it stands");
        }

        if (told.State != "ready" && (live?.Id ?? told.Id) == told.Id)
        {
            Hear(told);
            return;
        }

        // What it left is gone.
        if (live?.Id is not null && !releaseSent)
        {
            live.GoneAt = clock.At(told.ReceivedAt);
        }

        End(releaseSent ? Ending.Release : Ending.Broken);
        if (told.State != "ready")
        {
            throw new InvalidOperationException($"told of #{told.Id}, which it did not ask for");
        }
    }

    /// <summary>One step further: asks, waits, or holds and lets go.</summary>
    private async Task StepAsync(WireClient connection, Mix mix, string ns, long timeoutMs)
    {
        if (live is null)
        {
            live = new Request
            {
                Client = number,
                Namespace = ns,
                Resources = mix.Resources(),
                AbandonTimeoutMs = timeoutMs,
                SentAt = clock.Now,
            };
            releaseSent = false;
            record(live);
            await connection.SendLockAsync([
                .. live.Resources.Select(resource => (resource.Write ? "" : "?") + string.Join('/', resource.Path)),
            ]);
            Hear(await NextAsync(connection));
        }
        else if (live.AcquiredAt is null)
        {
            Hear(await NextAsync(connection));
        }
        else
        {
            await Task.Delay(random.Next(20) == 0 ? random.Next(800) : random.Next(20));
            await ReleaseAsync(connection);
        }
    }

    private async Task ReleaseAsync(WireClient connection)
    {
        live!.EndedAt = clock.Now;
        live.Ending = Ending.Release;
        releaseSent = true;
        await connection.SendAsync("""{"action":"release"}"""u8.ToArray());
        var reply = await NextAsync(connection);
        while (reply.State != "ready")
        {
            Hear(reply);
            reply = await NextAsync(connection);
        }

        live.ReleasedAt = clock.At(reply.ReceivedAt);
        live = null;
    }

    /// <summary>The next reply that is no pong.</summary>
    private async Task<Reply> NextAsync(WireClient connection)
    {
        for (var until = clock.Now + AnswerBound.TotalMilliseconds; clock.Now < until;)
        {
            await PingAsync(connection);
            for (var next = clock.Now + PingEvery.TotalMilliseconds; clock.Now < next;)
            {
                if (await NextWithinAsync(connection, next - clock.Now) is not { } reply)
                {
                    break;
                }

                if (reply.Action != "pong")
                {
                    return reply;
                }

                if (pings.Remove(reply.Mark!, out var sentAt) && live?.Id is not null)
                {
                    live.LastHeardAt = Math.Max(live.LastHeardAt ?? 0, sentAt);
                }
            }
        }

        throw new TimeoutException("no reply");
    }

    private async Task PingAsync(WireClient connection)
    {
        if (clock.Now - lastPingAt < PingEvery.TotalMilliseconds)
        {
            return;
        }

        lastPingAt = clock.Now;
        var mark = (++lastPing).ToString(CultureInfo.InvariantCulture);
        pings[mark] = lastPingAt;
        await connection.SendAsync(Encoding.UTF8.GetBytes($$"""{"action":"ping","t":"{{mark}}"}"""));
    }

    private static async Task<Reply?> NextWithinAsync(WireClient connection, double boundMs)
    {
        try
        {
            return await connection.NextAsync(TimeSpan.FromMilliseconds(Math.Max(1, boundMs)));
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private void Hear(Reply reply)
    {
        var at = clock.At(reply.ReceivedAt);
        if (live is null)
        {
            throw new InvalidOperationException($"told of #{reply.Id}, which it did not ask for");
        }

        live.Id ??= reply.Id;
        live.SeenAt ??= at;
        live.LastHeardAt = Math.Max(live.LastHeardAt ?? 0, at);
        if (reply.State == "acquired")
        {
            live.AcquiredAt ??= at;
        }
    }

    private void End(Ending how)
    {
        if (live is not null)
        {
            live.EndedAt ??= clock.Now;
            live.Ending = live.Ending == Ending.None ? how : live.Ending;
            live = null;
        }
    }
}
