using System.CommandLine;
using RaftLocks.Load.Compare;
using RaftLocks.Load.Soak;

namespace RaftLocks.Load;

// The command lines of what is about size and endurance.

/// <summary>Commands that measure memory, disk and long runs.</summary>
internal static class SizeCommands
{
    /// <summary>A long run at a fixed rate.</summary>
    public static Command Soak()
    {
        var minutes = new Option<double>("--minutes") { DefaultValueFactory = _ => 60 };
        var warmup = new Option<double>("--warmup") { Description = "minutes after which nothing may grow any more", DefaultValueFactory = _ => 10 };
        var rate = new Option<double>("--rate") { Description = "cycles per second of all clients together, kept whatever the cluster does", DefaultValueFactory = _ => 1_500 };
        var scene = new Option<string>("--scene") { Description = "a load with its number of clients", DefaultValueFactory = _ => "U64" };
        var command = new Command("soak", "A fixed rate on a cluster of its own; memory of every node each minute; fails if it grows by 5 % after the warm-up.") { minutes, warmup, rate, scene };
        command.SetAction(parsed => new SoakRun(
            parsed.GetValue(minutes), parsed.GetValue(warmup), parsed.GetValue(rate), Scene.Parse(parsed.GetValue(scene)!)).RunAsync());
        return command;
    }
}
