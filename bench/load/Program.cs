using System.CommandLine;
using RaftLocks.Cluster;

namespace RaftLocks.Load;

// The load generator: "cycles" loads a running cluster, "failover" measures elections on one of its own.

internal static class Program
{
    private static Task<int> Main(string[] arguments) =>
        new RootCommand("Measures RaftLocks. Prints one line of JSON per measurement.") { Cycles(), Failover() }
            .Parse(arguments)
            .InvokeAsync();

    private static Command Cycles()
    {
        var url = new Option<string>("--url") { Description = "any node's address", DefaultValueFactory = _ => "http://127.0.0.1:9009" };
        var load = new Option<string>("--load") { Description = "U: own resources, H: one hot resource, T: a tree", DefaultValueFactory = _ => "U" };
        load.AcceptOnlyFromAmong(Workload.Names);
        var clients = new Option<int>("--clients") { DefaultValueFactory = _ => 16 };
        var seconds = new Option<double>("--seconds") { DefaultValueFactory = _ => 10 };
        var warmup = new Option<double>("--warmup") { Description = "seconds before measuring", DefaultValueFactory = _ => 3 };
        var ns = new Option<string>("--namespace") { DefaultValueFactory = _ => "load" };
        var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1 };
        var command = new Command("cycles", "N clients that lock, wait for acquired, release, wait for ready.") { url, load, clients, seconds, warmup, ns, seed };
        command.SetAction(parsed => new CyclesRun(
            new Uri(parsed.GetValue(url)!),
            parsed.GetValue(load)!,
            parsed.GetValue(clients),
            parsed.GetValue(seconds),
            parsed.GetValue(warmup),
            parsed.GetValue(ns)!,
            parsed.GetValue(seed)).RunAsync());
        return command;
    }

    private static Command Failover()
    {
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 20 };
        var signal = new Option<Signal>("--signal") { Description = "Kill (-9), Terminate (a graceful end) or Stop (frozen)", DefaultValueFactory = _ => Signal.Kill };
        var mode = new Option<string>("--follower-mode") { DefaultValueFactory = _ => "redirect" };
        var command = new Command("failover", "Ends the leader of a cluster of its own, and waits for the first new grant.") { rounds, signal, mode };
        command.SetAction(parsed => new FailoverRun(parsed.GetValue(rounds), parsed.GetValue(signal), parsed.GetValue(mode)!).RunAsync());
        return command;
    }
}
