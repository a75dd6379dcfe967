using System.CommandLine;
using System.Globalization;
using RaftLocks.Load.Catchup;
using RaftLocks.Load.Compare;
using RaftLocks.Load.Plots;
using RaftLocks.Load.Restart;
using RaftLocks.Load.Scale;
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
        var warmup = new Option<double>("--warmup")
        {
            Description = "minutes after which nothing may grow any more",
            DefaultValueFactory = _ => 10,
        };
        var rate = new Option<double>("--rate")
        {
            Description = "cycles per second of all clients together, kept whatever the cluster does",
            DefaultValueFactory = _ => 1_500,
        };
        var scene = new Option<string>("--scene")
        {
            Description = "a load with its number of clients",
            DefaultValueFactory = _ => "U64",
        };
        var command = new Command(
            "soak",
            "A fixed rate on a cluster of its own; memory of every node each minute; fails if it grows by 5 % "
                + "after the warm-up."
        )
        {
            minutes,
            warmup,
            rate,
            scene,
        };
        command.SetAction(parsed =>
            new SoakRun(
                parsed.GetValue(minutes),
                parsed.GetValue(warmup),
                parsed.GetValue(rate),
                Scene.Parse(parsed.GetValue(scene)!)
            ).RunAsync()
        );
        return command;
    }

    /// <summary>Memory for each of very many.</summary>
    public static Command Scale()
    {
        var sections = new Option<string>("--sections")
        {
            Description = $"some of: {string.Join(", ", ScaleRun.Names)}",
            DefaultValueFactory = _ => string.Join(",", ScaleRun.Names),
        };
        var nodes = new Option<int>("--nodes") { DefaultValueFactory = _ => 1 };
        var counts = ScaleRun
            .Names.Zip(["10000,50000", "10000,100000,1000000", "100,1000,10000", "1000,10000,100000"])
            .ToDictionary(
                section => section.First,
                section => new Option<string>("--" + section.First)
                {
                    Description = "how many, one run for each number",
                    DefaultValueFactory = _ => section.Second,
                },
                StringComparer.Ordinal
            );
        var command = new Command(
            "scale",
            "What each of very many idle connections, live locks, waiters and namespaces takes of a node's "
                + "memory, and whether locks and namespaces make others slower; fails if an idle connection takes "
                + "more than 16 KiB."
        )
        {
            sections,
            nodes,
        };
        counts.Values.ToList().ForEach(command.Add);
        command.SetAction(parsed =>
            new ScaleRun(
                parsed.GetValue(nodes),
                [
                    .. from name in parsed.GetValue(sections)!.Split(',')
                    from count in counts.TryGetValue(name, out var option) ? parsed.GetValue(option)!.Split(',') : ["1"]
                    select ScaleRun.Section(name, Count(name, count)),
                ]
            ).RunAsync()
        );
        return command;
    }

    private static int Count(string section, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? count
            : throw new FormatException(
                $"--{section}: \"{text}\" is not a number of them; write some, with commas between, as in 1000,10000"
            );

    /// <summary>The start of a node with a large state.</summary>
    public static Command Restart()
    {
        var locks = new Option<int>("--locks") { DefaultValueFactory = _ => 1_000_000 };
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 3 };
        var bound = new Option<double>("--bound")
        {
            Description = "seconds until the first grant",
            DefaultValueFactory = _ => 10,
        };
        var command = new Command(
            "restart",
            "Kills a node that holds very many locks and starts it again; fails if no start keeps to the bound."
        )
        {
            locks,
            rounds,
            bound,
        };
        command.SetAction(parsed =>
            new RestartRun(parsed.GetValue(locks), parsed.GetValue(rounds), parsed.GetValue(bound)).RunAsync()
        );
        return command;
    }

    /// <summary>What a snapshot does to those who lock meanwhile.</summary>
    public static Command Stall()
    {
        var locks = new Option<int>("--locks") { DefaultValueFactory = _ => 1_000_000 };
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 5 };
        var clients = new Option<int>("--clients") { DefaultValueFactory = _ => 8 };
        var command = new Command(
            "stall",
            "The longest time without an answer while a node that holds very many locks takes a snapshot, beside "
                + "that without one."
        )
        {
            locks,
            rounds,
            clients,
        };
        command.SetAction(parsed =>
            new StallRun(parsed.GetValue(locks), parsed.GetValue(rounds), parsed.GetValue(clients)).RunAsync()
        );
        return command;
    }

    /// <summary>Pictures of results.</summary>
    public static Command Plot()
    {
        var files = new Argument<string[]>("files")
        {
            Description = "what compare and scale have printed",
            Arity = ArgumentArity.OneOrMore,
        };
        var folder = new Option<string>("--out")
        {
            Description = "where the pictures go",
            DefaultValueFactory = _ => "plots",
        };
        var command = new Command(
            "plot",
            "Draws how cost grows, as SVG, from the lines that compare and scale have printed."
        )
        {
            files,
            folder,
        };
        command.SetAction(parsed => new PlotRun(parsed.GetValue(files)!, parsed.GetValue(folder)!).RunAsync());
        return command;
    }

    /// <summary>How a node that was away comes back.</summary>
    public static Command Catchup()
    {
        var commands = new Option<long>("--commands")
        {
            Description = "commands that it misses",
            DefaultValueFactory = _ => 1_000_000,
        };
        var clients = new Option<int>("--clients") { DefaultValueFactory = _ => 32 };
        var pairs = new Option<int>("--pairs")
        {
            Description = "lock+release pairs that a client sends in a row",
            DefaultValueFactory = _ => 100,
        };
        var baseline = new Option<double>("--baseline")
        {
            Description = "seconds of load with all three nodes before",
            DefaultValueFactory = _ => 5,
        };
        var command = new Command(
            "catchup",
            "A node of three is away while very many commands pass, and comes back under load; fails if it takes "
                + "more than 30 s or 512 MB, or halves the throughput."
        )
        {
            commands,
            clients,
            pairs,
            baseline,
        };
        command.SetAction(parsed =>
            new CatchupRun(
                parsed.GetValue(commands),
                parsed.GetValue(clients),
                parsed.GetValue(pairs),
                parsed.GetValue(baseline)
            ).RunAsync()
        );
        return command;
    }
}
