namespace RaftLocks.Cluster.Tests;

// The instrument itself: a power cut leaves what was flushed and nothing else, and so does the next one.

public sealed class PowerSupplyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("raftlocks-power-").FullName;

    private string Data => Path.Combine(_folder, "data");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ShimFact]
    public async Task Each_power_cut_leaves_what_was_flushed_before_it()
    {
        Directory.CreateDirectory(Data);
        var supply = await RunAsync("printf one > a; printf one > b; sync a; sync b; printf lost > a; printf lost > c");
        supply.Cut();
        Assert.Equal(("one", "one", false), (Read("a"), Read("b"), File.Exists(Path.Combine(Data, "c"))));

        supply = await RunAsync("printf two > b; sync b; printf two > c; sync c; printf lost > a");
        supply.Cut();
        Assert.Equal(("one", "two", "two"), (Read("a"), Read("b"), Read("c")));
    }

    private string Read(string file) => File.ReadAllText(Path.Combine(Data, file));

    private async Task<PowerSupply> RunAsync(string script)
    {
        await using var process = new NodeProcess("script", url: null, Data) { Launcher = ["sh", "-c", script] };
        var supply = new PowerSupply(process, Data);
        process.Start();
        Assert.Equal(0, await process.WaitForExitAsync(TimeSpan.FromSeconds(30)));
        return supply;
    }
}
