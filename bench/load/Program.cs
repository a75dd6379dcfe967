using System.CommandLine;
using RaftLocks.Load.Compare;
using RaftLocks.Load.Failover;
using RaftLocks.Load.Fair;

namespace RaftLocks.Load;

// The load generator: "cycles" loads a running server, "compare" several of its own side by side, "journal" tells what
// the journal costs, "failover" measures elections, "elections" counts those that should not be, "fair" tells what a
// polite client notices of greedy ones, "soak" looks for leaks, "scale" tells what each of very many takes, "plot"
// draws what others have printed.

internal static class Program
{
    private static Task<int> Main(string[] arguments) =>
        new RootCommand("Measures RaftLocks. Prints one line of JSON per measurement.")
        {
            LoadCommands.Cycles(),
            LoadCommands.Compare(),
            LoadCommands.Journal(),
            FailoverCommand.Create(),
            Elections(),
            FairCommand.Create(),
            SizeCommands.Soak(),
            SizeCommands.Scale(),
            SizeCommands.Restart(),
            SizeCommands.Stall(),
            SizeCommands.Catchup(),
            SizeCommands.Plot(),
        }
            .Parse(arguments)
            .InvokeAsync();

    private static Command Elections()
    {
        var minutes = new Option<double>("--minutes") { DefaultValueFactory = _ => 10 };
        var scene = new Option<string>("--scene")
        {
            Description = "a load with its number of clients",
            DefaultValueFactory = _ => "U256",
        };
        var command = new Command(
            "elections",
            "Full load on a cluster of its own in which nothing fails; fails if there is an election."
        )
        {
            minutes,
            scene,
        };
        command.SetAction(parsed =>
            new ElectionWatch(parsed.GetValue(minutes), Scene.Parse(parsed.GetValue(scene)!)).RunAsync()
        );
        return command;
    }
}
