// A client that uses all that a lock can do but a session: tries, waits with a limit, downgrades, and in the end
// releases, vanishes, or is revoked. It writes down when it sent what, and when it was told what, for the search of an
// order that explains all of it.
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using RaftLocks.Chaos.History;
using RaftLocks.Chaos.Testbed;
using RaftLocks.Cluster;

namespace RaftLocks.Chaos.Workload;

/// <summary>One client.</summary>
internal sealed class QueueClient(
    int number,
    ICluster cluster,
    int seed,
    Clock clock,
    QueueBoard board,
    Action<Attempt> record
)
{
    private const int LocksPerConnection = 12;
    private static readonly TimeSpan PingEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ConnectBound = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan WaitBound = TimeSpan.FromSeconds(10);

    private readonly Random random = new(seed);
    private int locks;

    /// <summary>Works until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var mix = new QueueMix(random);
        var ns = QueueMix.NamespaceOf(number);
        while (!stop.IsCancellationRequested)
        {
            var timeoutMs = mix.AbandonTimeoutMs();
            try
            {
                var node = cluster.AnyRunning(random);
                await using var connection = await WireClient.ConnectAsync(
                    node.Url,
                    ns,
                    timeoutMs,
                    ConnectBound,
                    PingEvery,
                    extended: true
                );
                for (var i = random.Next(1, LocksPerConnection); i > 0 && !stop.IsCancellationRequested; i--)
                {
                    var attempt = new Attempt
                    {
                        Client = number,
                        Namespace = ns,
                        Resources = mix.Resources(),
                        AbandonTimeoutMs = timeoutMs,
                        WaitTimeoutMs = mix.WaitTimeoutMs(),
                        Ref = FormattableString.Invariant($"{number}-{++locks}"),
                        SentAt = clock.Now,
                        Through = node.Name,
                    };
                    record(attempt);
                    if (!await LiveThroughAsync(connection, attempt))
                    {
                        break;
                    }

                    await Task.Delay(random.Next(60), CancellationToken.None);
                }
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
    }

    /// <summary>One lock from its beginning to its end; whether the connection can take another.</summary>
    private async Task<bool> LiveThroughAsync(WireClient connection, Attempt attempt)
    {
        await connection.SendAsync(LockMessage(attempt));
        await HearAsync(connection, attempt);
        if (attempt.FirstAnswer == FirstAnswer.Enqueued && random.Next(8) > 0)
        {
            await HearUntilAsync(connection, attempt, () => attempt.AcquiredAt is not null);
        }

        if (IsOver(attempt))
        {
            return true;
        }

        if (attempt.AcquiredAt is not null)
        {
            await Task.Delay(random.Next(25) == 0 ? random.Next(600) : random.Next(30), CancellationToken.None);
            if (random.Next(5) == 0 && !await DowngradeAsync(connection, attempt))
            {
                return true;
            }
        }

        return await LetGoAsync(connection, attempt);
    }

    private async Task<bool> DowngradeAsync(WireClient connection, Attempt attempt)
    {
        attempt.DowngradeSentAt = clock.Now;
        await connection.SendAsync("""{"action":"downgrade"}"""u8.ToArray());

        // It is answered even if the lock was revoked meanwhile, which is told before.
        while (await HearAsync(connection, attempt) != "downgrade") { }

        await Task.Delay(random.Next(30), CancellationToken.None);
        return !IsOver(attempt);
    }

    private async Task<bool> LetGoAsync(WireClient connection, Attempt attempt)
    {
        switch (random.Next(30))
        {
            case 0:
                await connection.BreakAsync();
                return false;
            case 1:
                await connection.CloseAsync();
                return false;
            default:
                attempt.ReleaseSentAt = clock.Now;
                await connection.SendAsync("""{"action":"release"}"""u8.ToArray());
                while (attempt.ReleasedAt is null)
                {
                    await HearAsync(connection, attempt);
                }

                return true;
        }
    }

    private static bool IsOver(Attempt attempt) =>
        attempt.FirstAnswer == FirstAnswer.Busy || attempt.TimedOutAt is not null || attempt.GoneAt is not null;

    private async Task HearUntilAsync(WireClient connection, Attempt attempt, Func<bool> isTold)
    {
        while (!isTold() && !IsOver(attempt))
        {
            await HearAsync(connection, attempt);
        }
    }

    /// <summary>Reads one reply; returns to what it is one.</summary>
    private async Task<string> HearAsync(WireClient connection, Attempt attempt)
    {
        var reply = await connection.NextAsync(WaitBound);
        var at = clock.At(reply.ReceivedAt);
        switch (reply.Action, reply.State)
        {
            case ("lock", "acquired" or "enqueued"):
                if (attempt.FirstAnswer == FirstAnswer.None)
                {
                    (attempt.Id, attempt.AnsweredAt) = (reply.Id, at);
                    attempt.FirstAnswer = reply.State == "acquired" ? FirstAnswer.Acquired : FirstAnswer.Enqueued;
                    board.Saw(attempt.Namespace, reply.Id);
                }

                attempt.AcquiredAt ??= reply.State == "acquired" ? at : null;
                break;
            case ("lock", "ready") when reply.Reason == "busy":
                (attempt.FirstAnswer, attempt.AnsweredAt) = (FirstAnswer.Busy, at);
                break;
            case ("lock", "ready"):
                attempt.TimedOutAt = at;
                break;
            case ("downgrade", "acquired"):
                attempt.DowngradedAt = at;
                break;
            case ("downgrade" or "revoke", "ready"):
                attempt.GoneAt ??= at;
                break;
            case ("release", _):
                attempt.ReleasedAt = at;
                break;
            default:
                throw new InvalidOperationException($"told {reply}, which makes no sense");
        }

        return reply.Action;
    }

    private static byte[] LockMessage(Attempt attempt) =>
        Encoding.UTF8.GetBytes(
            JsonSerializer.Serialize(
                new
                {
                    action = "lock",
                    @ref = attempt.Ref,
                    waitTimeoutMs = attempt.WaitTimeoutMs,
                    resources = attempt.Resources.Select(WireResource.Of),
                },
                WireResource.Json
            )
        );
}
