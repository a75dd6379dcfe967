using System.Net;
using RaftLocks.Load.Wire;

namespace RaftLocks.Load.Scale;

/// <summary>Connections that do nothing but answer the node's pings.</summary>
internal sealed class IdleConnections(int count) : IScaleSection
{
    private const int FewForWarmUp = 200;
    private const int ConnectAtOnce = 32;

    // Each source address has some 28 000 ports for one target.
    private const int PerSourceAddress = 10_000;
    private const double MaxRssBytes = 16 * 1024;
    private readonly List<RawConnection> connections = [];
    private int lost;

    public string What => "idle connections";

    public int Count => count;

    public async Task WarmUpAsync(Uri leader) => await ConnectAsync(leader, FewForWarmUp);

    public async Task AddAsync(Uri leader)
    {
        OpenFiles.Need(count + FewForWarmUp);
        await ConnectAsync(leader, count);
        await Answered();
    }

    public Task<object?> FinishAsync(Uri leader)
    {
        var gone = connections.Where(connection => connection.Ended.IsCompleted).ToList();
        var why = gone.Count == 0 ? null : gone[0].Ended.Result;
        lost = gone.Count;
        connections.ForEach(connection => connection.Dispose());
        return Task.FromResult<object?>(new { lost, firstLostBecause = why });
    }

    // What is gone was not measured: a machine that is too busy to answer the pings can't be measured on.
    public bool HasPassed(Growth leader) => lost == 0 && leader.Rss <= MaxRssBytes;

    // So that all have been pinged, and whatever a ping takes is there: pings come every ten seconds.
    private static Task Answered() => Task.Delay(TimeSpan.FromSeconds(15));

    private async Task ConnectAsync(Uri leader, int some)
    {
        var made = new RawConnection[some];
        await Parallel.ForAsync(
            0,
            some,
            new ParallelOptions { MaxDegreeOfParallelism = ConnectAtOnce },
            async (i, _) =>
            {
                var from = new IPAddress([127, 0, 0, (byte)(2 + (i / PerSourceAddress))]);
                made[i] = await RawConnection.ConnectAsync(leader, "idle", LockMany.OutlivesMs, static _ => { }, from);
                if (i % 1_000 == 999)
                {
                    await Console.Error.WriteLineAsync($"{i + 1} connected");
                }
            }
        );
        connections.AddRange(made);
    }
}
