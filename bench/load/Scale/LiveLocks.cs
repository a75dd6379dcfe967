using System.Diagnostics;
using RaftLocks.Load.Wire;

namespace RaftLocks.Load.Scale;

/// <summary>Locks that are held, each on its own path of depth 2, a thousand by each connection.</summary>
internal sealed class LiveLocks(int count) : IScaleSection
{
    private List<RawConnection> connections = [];
    private double seconds;

    public string What => "live locks";

    public int Count => count;

    public async Task WarmUpAsync(Uri leader) =>
        await LockMany.RequestAsync(leader, "warm", LockMany.PerConnection, PathOf);

    public async Task AddAsync(Uri leader)
    {
        var clock = Stopwatch.StartNew();
        connections = await LockMany.RequestAsync(leader, "locks", count, PathOf);
        seconds = clock.Elapsed.TotalSeconds;
    }

    public async Task<object?> FinishAsync(Uri leader)
    {
        var beside = await BackgroundLoad.MeasureAsync(leader);
        connections.ForEach(connection => connection.Dispose());
        return new
        {
            locksPerSecond = Math.Round(count / seconds),
            beside.CyclesPerSecond,
            beside.P50Ms,
        };
    }

    public bool HasPassed(Growth leader) => true;

    /// <summary>The path of one of very many locks.</summary>
    public static string PathOf(int lockNumber) => $"[\"order\",\"{lockNumber}\"]";
}
