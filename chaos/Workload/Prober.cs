// Locks something that nobody else wants, through one node, several times a second: whether anything is acquired at
// all. Each lock has a path of its own, for one that was lost with its connection may live on for a while.
using System.Net.WebSockets;
using RaftLocks.Chaos.Testbed;
using RaftLocks.Cluster;

namespace RaftLocks.Chaos.Workload;

/// <summary>Probes one node.</summary>
internal sealed class Prober(INode node, Clock clock, Action<double> granted)
{
    /// <summary>The namespace of the probes.</summary>
    public const string Namespace = "probe";

    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(1);
    private int locks;

    /// <summary>Probes until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (node is { IsRunning: true, IsFrozen: false })
                {
                    await ProbeAsync(stop);
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
                // Another may serve, or this one soon.
            }

            await Task.Delay(Every, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ProbeAsync(CancellationToken stop)
    {
        await using var connection = await WireClient.ConnectAsync(node.Url, Namespace, abandonTimeoutMs: 0, Bound);
        while (!stop.IsCancellationRequested)
        {
            await connection.SendLockAsync($"{node.Name}/{++locks}");
            var reply = await connection.NextAsync(Bound);
            if (reply.State != "acquired")
            {
                throw new InvalidOperationException($"told {reply} of a lock that nobody else wants");
            }

            granted(clock.At(reply.ReceivedAt));
            await connection.SendAsync("""{"action":"release"}"""u8.ToArray());
            await connection.NextAsync(Bound);
            await Task.Delay(Every, CancellationToken.None);
        }
    }
}
