using System.CommandLine;
using System.Text.Json;
using RaftLocks.Load.Clients;
using RaftLocks.Load.Compare;

namespace RaftLocks.Load;

// The command lines of "cycles" and "compare".

/// <summary>Commands that put load on servers.</summary>
internal static class LoadCommands
{
    /// <summary>One run against a server that runs already.</summary>
    public static Command Cycles()
    {
        var url = new Option<string>("--url")
        {
            Description = "any node's address",
            DefaultValueFactory = _ => "http://127.0.0.1:9009",
        };
        var load = new Option<string>("--load")
        {
            Description = "U: own resources, C: the same over one connection, H: one hot resource, T: a tree",
            DefaultValueFactory = _ => "U",
        };
        load.AcceptOnlyFromAmong(Workload.Names);
        var clients = new Option<int>("--clients") { DefaultValueFactory = _ => 16 };
        var seconds = Seconds();
        var warmup = Warmup();
        var ns = new Option<string>("--namespace") { DefaultValueFactory = _ => "load" };
        var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1 };
        var command = new Command("cycles", "N clients that lock, wait for acquired, release, wait for ready.")
        {
            url,
            load,
            clients,
            seconds,
            warmup,
            ns,
            seed,
        };
        command.SetAction(
            async (parsed, _) =>
            {
                var address = new Uri(parsed.GetValue(url)!);
                await using var server = new WireServer(address, parsed.GetValue(ns)!, parsed.GetValue(seed));
                var measurement = new Measurement(
                    parsed.GetValue(load)!,
                    parsed.GetValue(clients),
                    parsed.GetValue(seconds),
                    parsed.GetValue(warmup)
                );
                var figures = await measurement.RunAsync(address.ToString(), server);
                Console.WriteLine(JsonSerializer.Serialize(figures, JsonSerializerOptions.Web));
                return figures.Errors == 0 ? 0 : 1;
            }
        );
        return command;
    }

    /// <summary>Rounds of runs against servers that it starts and stops itself.</summary>
    public static Command Compare()
    {
        var scenes = new Option<string>("--scenes")
        {
            Description = "loads with their numbers of clients",
            DefaultValueFactory = _ => "U1,U16,U64,U256,C256,H64,T64",
        };
        var only = new Option<string>("--only")
        {
            Description = "some of: raftlocks, raftlocks-1, etcd, redis",
            DefaultValueFactory = _ => "raftlocks,raftlocks-1,etcd,redis",
        };
        var also = new Option<string[]>("--also")
        {
            Description = "NAME=URL of a server of protocol v1 that runs already; may be given several times",
            DefaultValueFactory = _ => [],
        };
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 5 };
        var seconds = Seconds();
        var warmup = Warmup();
        var command = new Command(
            "compare",
            "RaftLocks beside etcd and Redis, which it starts and stops itself; prints a table of medians and ranges."
        )
        {
            scenes,
            only,
            also,
            rounds,
            seconds,
            warmup,
        };
        command.SetAction(
            (parsed, _) =>
                new Comparison(
                    Contenders(parsed.GetValue(only)!, parsed.GetValue(also)!),
                    [.. parsed.GetValue(scenes)!.Split(',').Select(Scene.Parse)],
                    parsed.GetValue(rounds),
                    parsed.GetValue(seconds),
                    parsed.GetValue(warmup)
                ).RunAsync()
        );
        return command;
    }

    /// <summary>Pairs of runs with and without the journal.</summary>
    public static Command Journal()
    {
        var scene = new Option<string>("--scene")
        {
            Description = "a load with its number of clients",
            DefaultValueFactory = _ => "U256",
        };
        var nodes = new Option<int>("--nodes") { DefaultValueFactory = _ => 3 };
        var pairs = new Option<int>("--pairs") { DefaultValueFactory = _ => 10 };
        var seconds = Seconds();
        var warmup = Warmup();
        var command = new Command(
            "journal",
            "What the journal costs: interleaved pairs of runs with and without it, on clusters of its own."
        )
        {
            scene,
            nodes,
            pairs,
            seconds,
            warmup,
        };
        command.SetAction(
            (parsed, _) =>
                new JournalRun(
                    Scene.Parse(parsed.GetValue(scene)!),
                    parsed.GetValue(nodes),
                    parsed.GetValue(pairs),
                    parsed.GetValue(seconds),
                    parsed.GetValue(warmup)
                ).RunAsync()
        );
        return command;
    }

    private static Option<double> Seconds() =>
        new("--seconds") { Description = "how long to measure", DefaultValueFactory = _ => 10 };

    private static Option<double> Warmup() =>
        new("--warmup") { Description = "seconds before measuring", DefaultValueFactory = _ => 3 };

    private static List<IContender> Contenders(string only, string[] also)
    {
        var contenders = new List<IContender>();
        foreach (var name in only.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            contenders.AddRange(
                name switch
                {
                    "raftlocks" => [new RaftLocksContender(3)],
                    "raftlocks-1" => [new RaftLocksContender(1)],
                    "etcd" => Installed("etcd", new EtcdContender()),
                    "redis" => Installed("redis-server", new RedisContender("always"), new RedisContender("everysec")),
                    _ => throw new FormatException($"--only: \"{name}\" is not known"),
                }
            );
        }

        contenders.AddRange(
            also.Select(pair =>
                pair.Split('=', 2) is [var name, var url]
                    ? new WireContender(name, new Uri(url))
                    : throw new FormatException($"--also: \"{pair}\" is not NAME=URL")
            )
        );
        return contenders;
    }

    private static IContender[] Installed(string program, params IContender[] contenders)
    {
        if (ForeignProcess.IsInstalled(program))
        {
            return contenders;
        }

        Console.Error.WriteLine($"{program} is not installed and is left out");
        return [];
    }
}
