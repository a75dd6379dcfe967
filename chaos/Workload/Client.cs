// A client that locks, waits, holds, and lets go in one way or another, again and again, through whatever happens to
// the cluster. It writes down what it did and what it was told.
using System.Net.WebSockets;
using RaftLocks.Chaos.History;
using RaftLocks.Chaos.Testbed;
using RaftLocks.Cluster;

namespace RaftLocks.Chaos.Workload;

/// <summary>One client.</summary>
internal sealed class Client(int number, ICluster cluster, int seed, Clock clock, Action<Request> record)
{
    private const int LockPerConnection = 8;

    // Half of the clients notice at once when a node stands still; the others wait on, and hear what it says when it
    // goes on.
    private static readonly TimeSpan[] PingEvery = [TimeSpan.FromMilliseconds(400), TimeSpan.FromSeconds(20)];
    private static readonly TimeSpan ConnectBound = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan WaitBound = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(15);

    private readonly Random random = new(seed);

    /// <summary>Works until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var mix = new Mix(random);
        while (!stop.IsCancellationRequested)
        {
            var ns = mix.Namespace();
            var timeoutMs = mix.AbandonTimeoutMs();
            try
            {
                var node = cluster.AnyRunning(random);
                await using var connection = await WireClient.ConnectAsync(
                    node.Url,
                    ns,
                    timeoutMs,
                    ConnectBound,
                    PingEvery[number % PingEvery.Length]
                );
                for (var i = random.Next(1, LockPerConnection); i > 0 && !stop.IsCancellationRequested; i--)
                {
                    var request = new Request
                    {
                        Client = number,
                        Namespace = ns,
                        Resources = mix.Resources(),
                        AbandonTimeoutMs = timeoutMs,
                        SentAt = clock.Now,
                        Through = node.Name,
                    };
                    record(request);
                    if (!await LiveThroughAsync(connection, request))
                    {
                        break;
                    }
                }
            }
            catch (Exception e)
                when (e is HandshakeRefusedException or WebSocketException or TimeoutException or IOException)
            {
                await Task.Delay(random.Next(50, 300), CancellationToken.None);
            }
        }
    }

    /// <summary>One request from its beginning to its end; whether the connection can take another.</summary>
    private async Task<bool> LiveThroughAsync(WireClient connection, Request request)
    {
        try
        {
            var reply = await connection.LockAsync([
                .. request.Resources.Select(resource => (resource.Write ? "" : "?") + string.Join('/', resource.Path)),
            ]);
            Note(request, reply);
            if (reply.State == "enqueued" && random.Next(10) > 0)
            {
                Note(request, await connection.NextAsync(WaitBound));
            }

            await Task.Delay(random.Next(20) == 0 ? random.Next(800) : random.Next(20));
            return await LetGoAsync(connection, request);
        }
        catch (ConnectionEndedException e)
        {
            request.Closing = FormattableString.Invariant($"at {clock.Now:F1} {e.Closing}");
            End(request, Ending.Broken);
            return false;
        }
        catch (Exception e) when (e is WebSocketException or InvalidOperationException)
        {
            End(request, Ending.Broken);
            return false;
        }
        catch (TimeoutException)
        {
            // Waiting for long is no fault of the server's; the checks at the end tell whether anybody waits for ever.
            End(request, Ending.Vanish);
            return false;
        }
    }

    private async Task<bool> LetGoAsync(WireClient connection, Request request)
    {
        switch (random.Next(30))
        {
            case 0:
                End(request, Ending.Vanish);
                await connection.BreakAsync();
                return false;
            case 1:
                End(request, Ending.Vanish);
                await connection.CloseAsync();
                return false;
            default:
                End(request, Ending.Release);
                await connection.SendAsync("""{"action":"release"}"""u8.ToArray());
                var reply = await connection.NextAsync(AnswerBound);
                while (reply.State != "ready")
                {
                    // A grant that crossed the release on its way.
                    Note(request, reply);
                    reply = await connection.NextAsync(AnswerBound);
                }

                request.ReleasedAt = clock.At(reply.ReceivedAt);
                return true;
        }
    }

    private void Note(Request request, Reply reply)
    {
        request.Id ??= reply.Id;
        request.SeenAt ??= clock.At(reply.ReceivedAt);
        if (reply.State == "acquired")
        {
            request.AcquiredAt ??= clock.At(reply.ReceivedAt);
        }
    }

    private void End(Request request, Ending how)
    {
        if (request.EndedAt is null)
        {
            request.EndedAt = clock.Now;
            request.Ending = how;
        }
    }
}
