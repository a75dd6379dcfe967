// "dotnet run --project chaos -c Release -- --minutes 10 --seed 42": hurts a cluster for a while and judges what its clients lived through.
using System.CommandLine;
using RaftLocks.Chaos;
using RaftLocks.Chaos.Faults;
using RaftLocks.Chaos.Report;

const int Violated = 1;
const int WrongUsage = 2;
const int CouldNotStart = 3;
const int RunFailed = 4;

var minutes = new Option<double>("--minutes") { Description = "how long each run takes", DefaultValueFactory = _ => 1 };
var seed = new Option<int>("--seed") { Description = "decides the faults and what the clients ask for", DefaultValueFactory = _ => Random.Shared.Next(1, 1_000_000) };
var runs = new Option<int>("--runs") { Description = "runs one after the other, with the next seeds", DefaultValueFactory = _ => 1 };
var nodes = new Option<int>("--nodes") { Description = "nodes of the cluster", DefaultValueFactory = _ => 3 };
var clients = new Option<int>("--clients") { DefaultValueFactory = _ => 40 };
var faults = new Option<string>("--faults")
{
    Description = $"kinds of faults, with commas between: {string.Join(", ", FaultKinds.All).ToLowerInvariant()}; or none",
    DefaultValueFactory = _ => string.Join(',', FaultKinds.All),
};
var netns = new Option<bool>("--netns") { Description = "each node in a network namespace of its own, where packets are really lost; needs root" };
var docker = new Option<bool>("--docker") { Description = "the nodes are the containers of docker-compose.yml; build its image first" };
var report = new Option<string>("--report") { Description = "folder for the reports", DefaultValueFactory = _ => "chaos-report" };
var command = new RootCommand("Hurts the nodes of a cluster and the network between them while clients lock; then checks what they lived through. Exit code 0: no promise was broken; 1: some were; 2: wrong usage; 3: the cluster could not be started; 4: the run itself failed, and nothing was judged.")
{
    minutes, seed, runs, nodes, clients, faults, netns, docker, report,
};
command.SetAction(async parsed =>
{
    if (!FaultKinds.TryRead(parsed.GetValue(faults)!, out var kinds, out var mistake))
    {
        Console.Error.WriteLine(mistake);
        return WrongUsage;
    }

    var stand = parsed.GetValue(docker) ? Stand.Docker : parsed.GetValue(netns) ? Stand.Netns : Stand.Processes;
    if (Options.WhyNot(parsed.GetValue(nodes), stand) is { } refusal)
    {
        Console.Error.WriteLine(refusal);
        return WrongUsage;
    }

    var violated = 0;
    for (var i = 0; i < parsed.GetValue(runs); i++)
    {
        var options = new Options(parsed.GetValue(minutes), parsed.GetValue(seed) + i, parsed.GetValue(nodes), parsed.GetValue(clients), kinds, stand);
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
        if (verdict.Violations.Count > 0)
        {
            violated++;
            Console.WriteLine($"  {verdict.Violations[0].Promise}: {verdict.Violations[0].Evidence}");
            Console.WriteLine($"  again: {options.Command}");
        }
    }

    return violated == 0 ? 0 : Violated;
});
var invocation = command.Parse(args);
return invocation.Errors.Count > 0 ? await invocation.InvokeAsync() is 0 ? 0 : WrongUsage : await invocation.InvokeAsync();
