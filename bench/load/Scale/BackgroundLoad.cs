using RaftLocks.Load.Clients;

namespace RaftLocks.Load.Scale;

/// <summary>Clients that lock and release as ever, whatever else a node holds: do they notice?</summary>
internal static class BackgroundLoad
{
    private static readonly Measurement Load = new("U", 16, Seconds: 5, WarmupSeconds: 3);

    /// <summary>16 of them, for some seconds.</summary>
    public static async Task<Figures> MeasureAsync(Uri leader)
    {
        await using var server = new WireServer(leader, "others", seed: 1);
        var figures = await Load.RunAsync("raftlocks", server);
        return figures.Errors == 0
            ? figures
            : throw new InvalidOperationException(
                $"{figures.Errors} cycles of the others failed: {figures.FirstError}"
            );
    }
}
