// Clients of the .NET library for chaos, in a process that can be frozen. They lock until SIGTERM, and write a line of JSON for each request that is over.
using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using RaftLocks.Chaos.Clients;
using RaftLocks.Chaos.Workload;

var node = new Option<string[]>("--node") { Description = "where a node is; once for each", Required = true };
var first = new Option<int>("--first") { Description = "the first client's number" };
var clients = new Option<int>("--clients") { Description = "how many" };
var seed = new Option<int>("--seed") { Description = "decides what they ask for" };
var origin = new Option<long>("--origin") { Description = "the timestamp of the monotonic clock from which times count" };
var history = new Option<string>("--history") { Description = "the file to write", Required = true };
var command = new RootCommand("Clients of the .NET library for a run of chaos.") { node, first, clients, seed, origin, history };
command.SetAction(async parsed =>
{
    using var stop = new CancellationTokenSource();
    using var asked = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
    {
        signal.Cancel = true;
        stop.Cancel();
    });
    await using var lines = TextWriter.Synchronized(new StreamWriter(parsed.GetValue(history)!) { AutoFlush = true });
    var clock = new Clock(parsed.GetValue(origin));
    Uri[] nodes = [.. parsed.GetValue(node)!.Select(address => new Uri(address))];
    await Task.WhenAll(Enumerable.Range(parsed.GetValue(first), parsed.GetValue(clients)).Select(number => Task.Run(() =>
        new LibraryClient(number, nodes, unchecked((parsed.GetValue(seed) * 7919) + number), clock, request => lines.WriteLine(JsonSerializer.Serialize(request))).RunAsync(stop.Token))));
});

// SIGTERM is answered above; the library's own answer would end the process before its clients have let go.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
