// The command line: dotnet run --project tests/ManyClusters.Tests -c Release -- --minutes 60 --seed 1 --parallel 4
using System.Globalization;
using RaftLocks.ManyClusters.Plans;
using RaftLocks.ManyClusters.Run;

namespace RaftLocks.ManyClusters;

/// <summary>Plays schedules as told.</summary>
internal static class Program
{
    private const int Usage = 2;

    private static readonly string Help = $"""
        Plays schedules of faults against many small clusters in this process.
          --minutes N     for how long (1)
          --seed N        the first schedule's seed; each further one's is greater by one (1)
          --parallel N    clusters at once (4)
          --schedules N   schedules at most
          --family NAME   only of this family, and of others named so: {string.Join("; ", PlanMaker.Names)}
          --plan FILE     only the plan in a file, again and again (its text was printed with the violation)
          --first         stop at the first schedule with a violation
        The exit code is 0 if nothing was violated, 1 if something was.
        """;

    /// <summary>Runs.</summary>
    public static async Task<int> Main(string[] arguments)
    {
        try
        {
            var options = new CampaignOptions(TimeSpan.FromMinutes(1), 1, 4);
            for (var i = 0; i < arguments.Length; i++)
            {
                options = arguments[i] switch
                {
                    "--minutes" => options with
                    {
                        Time = TimeSpan.FromMinutes(double.Parse(arguments[++i], CultureInfo.InvariantCulture)),
                    },
                    "--seed" => options with { Seed = int.Parse(arguments[++i], CultureInfo.InvariantCulture) },
                    "--parallel" => options with { Parallel = int.Parse(arguments[++i], CultureInfo.InvariantCulture) },
                    "--schedules" => options with { AtMost = int.Parse(arguments[++i], CultureInfo.InvariantCulture) },
                    "--family" => options with
                    {
                        Families = [.. options.Families, PlanMaker.Make(0, arguments[++i]).Family],
                    },
                    "--plan" => options with { Only = Plan.Parse(await File.ReadAllTextAsync(arguments[++i])) },
                    "--first" => options with { StopsAtFirst = true },
                    _ => throw new FormatException($"'{arguments[i]}' is no option."),
                };
            }

            return await new Campaign(options, Console.WriteLine).RunAsync() ? 0 : 1;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or IndexOutOfRangeException or IOException)
        {
            await Console.Error.WriteLineAsync(e.Message + "\n" + Help);
            return Usage;
        }
    }
}
