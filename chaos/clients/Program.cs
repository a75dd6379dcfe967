// Clients of the .NET library for chaos, in a process that can be frozen. They lock until SIGTERM, and write a line of
// JSON for each request that is over.
using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using RaftLocks.Chaos.Clients;
using RaftLocks.Chaos.History;
using RaftLocks.Chaos.Workload;
using RaftLocks.Client;

var node = new Option<string[]>("--node") { Description = "where a node is; once for each", Required = true };
var first = new Option<int>("--first") { Description = "the first client's number" };
var clients = new Option<int>("--clients") { Description = "how many" };
var seed = new Option<int>("--seed") { Description = "decides what they ask for" };
var origin = new Option<long>("--origin")
{
    Description = "the timestamp of the monotonic clock from which times count",
};
var history = new Option<string>("--history") { Description = "the file to write", Required = true };
var counters = new Option<int>("--counters") { Description = "how many workers add to the number" };
var number = new Option<string>("--number") { Description = "the file with the number that they add to" };
var counts = new Option<string>("--counts") { Description = "the file to write what they lived through" };
var command = new RootCommand("Clients of the .NET library for a run of chaos.")
{
    node,
    first,
    clients,
    seed,
    origin,
    history,
    counters,
    number,
    counts,
};
command.SetAction(async parsed =>
{
    using var stop = new CancellationTokenSource();
    using var asked = PosixSignalRegistration.Create(
        PosixSignal.SIGTERM,
        signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    );
    await using var lines = TextWriter.Synchronized(new StreamWriter(parsed.GetValue(history)!) { AutoFlush = true });
    var clock = new Clock(parsed.GetValue(origin));
    Uri[] nodes = [.. parsed.GetValue(node)!.Select(address => new Uri(address))];
    await using var shared = new RaftLocksClient(
        new RaftLocksOptions
        {
            Nodes = [.. nodes],
            Namespace = "counter",
            Label = "counting",
        }
    );
    var counted = new CountReport();
    var workers = Enumerable
        .Range(0, parsed.GetValue(counters))
        .Select(_ =>
            Task.Run(() => new CountingClient(shared, parsed.GetValue(number)!, clock, counted).RunAsync(stop.Token))
        );
    var locking = Enumerable
        .Range(parsed.GetValue(first), parsed.GetValue(clients))
        .Select(client =>
            Task.Run(() =>
                new LibraryClient(
                    client,
                    nodes,
                    unchecked((parsed.GetValue(seed) * 7919) + client),
                    clock,
                    request => lines.WriteLine(JsonSerializer.Serialize(request))
                ).RunAsync(stop.Token)
            )
        );
    await Task.WhenAll([.. workers, .. locking]);
    if (parsed.GetValue(counts) is { } file)
    {
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(counted));
    }
});

// SIGTERM is answered above; the library's own answer would end the process before its clients have let go.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
