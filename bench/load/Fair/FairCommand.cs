using System.CommandLine;
using System.Globalization;

namespace RaftLocks.Load.Fair;

/// <summary>The command line of "fair".</summary>
internal static class FairCommand
{
    /// <summary>Polite clients beside greedy ones.</summary>
    public static Command Create()
    {
        var polite = new Option<int>("--polite")
        {
            Description = "clients that wait for each answer",
            DefaultValueFactory = _ => 1,
        };
        var greedy = new Option<string>("--greedy")
        {
            Description = "numbers of connections that do not",
            DefaultValueFactory = _ => "1,20",
        };
        var pairs = new Option<int>("--pairs")
        {
            Description = "lock+release pairs that each of those sends in a row",
            DefaultValueFactory = _ => 10_000,
        };
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 3 };
        var seconds = new Option<double>("--seconds") { DefaultValueFactory = _ => 5 };
        var warmup = new Option<double>("--warmup") { DefaultValueFactory = _ => 3 };
        var command = new Command(
            "fair",
            "How much greedy connections slow a polite client in another namespace, on a cluster of its own; fails "
                + "if there is an election."
        )
        {
            polite,
            greedy,
            pairs,
            rounds,
            seconds,
            warmup,
        };
        command.SetAction(parsed =>
            new FairRun(
                parsed.GetValue(polite),
                [
                    .. parsed
                        .GetValue(greedy)!
                        .Split(',')
                        .Select(number => int.Parse(number, CultureInfo.InvariantCulture)),
                ],
                parsed.GetValue(pairs),
                parsed.GetValue(rounds),
                parsed.GetValue(seconds),
                parsed.GetValue(warmup)
            ).RunAsync()
        );
        return command;
    }
}
