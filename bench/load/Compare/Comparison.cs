using System.Globalization;
using System.Text.Json;

namespace RaftLocks.Load.Compare;

// Side by side on one machine: in every round each contender runs each scene once, alone, so that what the machine
// does meanwhile falls on all alike. One line of JSON per run on stdout, progress on stderr, the table at the end.

/// <summary>A load and how many clients put it on.</summary>
internal sealed record Scene(string Load, int Clients)
{
    /// <summary>Reads "U256".</summary>
    /// <exception cref="FormatException">It is no load and number.</exception>
    public static Scene Parse(string text) =>
        text.Length > 1
        && Workload.Names.Contains(text[..1])
        && int.TryParse(text.AsSpan(1), CultureInfo.InvariantCulture, out var clients)
        && clients > 0
            ? new Scene(text[..1], clients)
            : throw new FormatException(
                $"\"{text}\" is no scene; write a load and a number of clients, as in U256 (loads: "
                    + $"{string.Join(", ", Workload.Names)})"
            );

    /// <inheritdoc />
    public override string ToString() => $"{Load}{Clients}";
}

/// <summary>Rounds of runs.</summary>
internal sealed record Comparison(
    IReadOnlyList<IContender> Contenders,
    IReadOnlyList<Scene> Scenes,
    int Rounds,
    double Seconds,
    double WarmupSeconds
)
{
    /// <summary>Runs all and prints; the exit code is 0 if no cycle failed.</summary>
    public async Task<int> RunAsync()
    {
        var all = new List<(Scene Scene, Figures Figures)>();
        for (var round = 1; round <= Rounds; round++)
        {
            foreach (var scene in Scenes)
            {
                foreach (var contender in Contenders.Where(contender => contender.Serves(scene.Load)))
                {
                    await Console.Error.WriteLineAsync($"round {round} of {Rounds}, {scene}: {contender.Name}");
                    all.Add((scene, await RunOnceAsync(contender, scene)));
                    Console.WriteLine(JsonSerializer.Serialize(all[^1].Figures, JsonSerializerOptions.Web));
                }
            }
        }

        Console.WriteLine();
        Console.WriteLine(Table.Of(all));
        return all.TrueForAll(run => run.Figures.Errors == 0) ? 0 : 1;
    }

    private async Task<Figures> RunOnceAsync(IContender contender, Scene scene)
    {
        await using var running = await contender.StartAsync();
        return await new Measurement(scene.Load, scene.Clients, Seconds, WarmupSeconds).RunAsync(
            contender.Name,
            running.Server
        );
    }
}
