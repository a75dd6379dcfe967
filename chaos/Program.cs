// "dotnet run --project chaos -c Release -- --minutes 10 --seed 42": injects faults into a cluster for a while and
// checks what its clients recorded.
using System.CommandLine;
using RaftLocks.Chaos;
using RaftLocks.Chaos.Faults;
using RaftLocks.Chaos.Report;

const int Violated = 1;
const int WrongUsage = 2;
const int CouldNotStart = 3;
const int RunFailed = 4;
const int NotAllChecked = 5;

var minutes = new Option<double>("--minutes") { Description = "how long each run takes", DefaultValueFactory = _ => 1 };
var seed = new Option<int>("--seed")
{
    Description = "decides the faults and what the clients ask for",
    DefaultValueFactory = _ => Random.Shared.Next(1, 1_000_000),
};
var runs = new Option<int>("--runs")
{
    Description = "runs one after the other, with the next seeds",
    DefaultValueFactory = _ => 1,
};
var nodes = new Option<int>("--nodes") { Description = "nodes of the cluster", DefaultValueFactory = _ => 3 };
var clients = new Option<int>("--clients") { DefaultValueFactory = _ => 40 };
var faults = new Option<string>("--faults")
{
    Description =
        $"kinds of faults, with commas between: {string.Join(", ", FaultKinds.All).ToLowerInvariant()}; or none",
    DefaultValueFactory = _ => string.Join(',', FaultKinds.All),
};
var netns = new Option<bool>("--netns")
{
    Description = "each node in a network namespace of its own, where packets are really lost; needs root",
};
var docker = new Option<bool>("--docker")
{
    Description = "the nodes are the containers of docker-compose.yml; build its image first",
};
var previous = new Option<string?>("--previous")
{
    Description =
        "raftlocks-node.dll of a previous build: the nodes begin with it, all but the last, and are switched "
        + "between both",
};
var availabilityBound = new Option<double>("--availability-bound")
{
    Description = "seconds without a grant that are allowed while a majority is healthy and connected",
    DefaultValueFactory = _ => Options.UsualAvailabilityBoundS,
};
var counters = new Option<int>("--counters")
{
    Description =
        "workers of each of two processes that add one to a number in a file under a lock; clients are not frozen then",
};
var plan = new Option<bool>("--plan") { Description = "only shows which faults would be played, and when" };
var report = new Option<string>("--report")
{
    Description = "folder for the reports",
    DefaultValueFactory = _ => "chaos-report",
};
var command = new RootCommand(
    "Injects faults into the nodes of a cluster and the network between them while clients lock; then checks what "
        + "they lived through. Exit code 0: no promise was broken; 1: some were; 2: wrong usage; 3: the cluster "
        + "could not be started; 4: the run itself failed, and nothing was checked; 5: no violation was "
        + "found, but not all could be checked."
)
{
    minutes,
    seed,
    runs,
    nodes,
    clients,
    faults,
    netns,
    docker,
    previous,
    availabilityBound,
    counters,
    plan,
    report,
};
command.SetAction(async parsed =>
{
    if (!FaultKinds.TryRead(parsed.GetValue(faults)!, out var kinds, out var error))
    {
        Console.Error.WriteLine(error);
        return WrongUsage;
    }

    var stand =
        parsed.GetValue(docker) ? Stand.Docker
        : parsed.GetValue(netns) ? Stand.Netns
        : Stand.Processes;
    if (Options.WhyNot(parsed.GetValue(nodes), stand, parsed.GetValue(previous)) is { } refusal)
    {
        Console.Error.WriteLine(refusal);
        return WrongUsage;
    }

    var violated = 0;
    var notAllChecked = 0;
    for (var i = 0; i < parsed.GetValue(runs); i++)
    {
        var options = new Options(
            parsed.GetValue(minutes),
            parsed.GetValue(seed) + i,
            parsed.GetValue(nodes),
            parsed.GetValue(clients),
            kinds,
            stand,
            parsed.GetValue(previous) is { } dll ? Path.GetFullPath(dll) : null,
            parsed.GetValue(availabilityBound),
            parsed.GetValue(counters)
        );
        if (parsed.GetValue(plan))
        {
            foreach (var round in Schedule.Make(options.Seed, options.Nodes, options.Minutes * 60_000, options.Faults))
            {
                Console.WriteLine(
                    $"seed {options.Seed}, {round.AtMs / 1000,6:F1} s: {string.Join("; ", round.Faults)}"
                );
            }

            continue;
        }

        Verdict verdict;
        try
        {
            verdict = await new ChaosRun(options).RunAsync();
        }
        catch (CannotStartException e)
        {
            Console.Error.WriteLine(e.Message);
            return CouldNotStart;
        }
        catch (Exception e)
        {
            // Whatever it is (a cancellation too, which the command line would pass over in silence), it is no verdict.
            Console.Error.WriteLine($"Seed {options.Seed}: the run itself failed. {e}");
            return RunFailed;
        }

        var path = MarkdownReport.Write(Path.Combine(parsed.GetValue(report)!, $"seed-{options.Seed}"), verdict);
        Console.WriteLine($"{MarkdownReport.Summary(verdict)}; {path}");
        notAllChecked += verdict.NotChecked.Count;
        foreach (var history in verdict.NotChecked)
        {
            Console.WriteLine($"  not checked: {history}");
        }

        if (verdict.Violations.Count > 0)
        {
            violated++;
            Console.WriteLine($"  {verdict.Violations[0].Promise}: {verdict.Violations[0].Evidence}");
            Console.WriteLine($"  again: {options.Command}");
        }
    }

    return violated > 0 ? Violated
        : notAllChecked > 0 ? NotAllChecked
        : 0;
});
var invocation = command.Parse(args);
return invocation.Errors.Count > 0
    ? await invocation.InvokeAsync() is 0
        ? 0
        : WrongUsage
    : await invocation.InvokeAsync();
