// "dotnet run --project chaos -c Release -- --minutes 10 --seed 42": hurts a cluster for a while and judges what its clients lived through.
using System.CommandLine;
using System.Globalization;
using RaftLocks.Chaos;
using RaftLocks.Chaos.Report;

const int Violated = 1;

var minutes = new Option<double>("--minutes") { Description = "how long each run takes", DefaultValueFactory = _ => 1 };
var seed = new Option<int>("--seed") { Description = "decides the faults and what the clients ask for", DefaultValueFactory = _ => Random.Shared.Next(1, 1_000_000) };
var runs = new Option<int>("--runs") { Description = "runs one after the other, with the next seeds", DefaultValueFactory = _ => 1 };
var clients = new Option<int>("--clients") { DefaultValueFactory = _ => 40 };
var report = new Option<string>("--report") { Description = "folder for the reports", DefaultValueFactory = _ => "chaos-report" };
var command = new RootCommand("Kills, restarts and freezes the nodes of a cluster while clients lock; then checks what they lived through. Exit code 0: no promise was broken; 1: some were.")
{
    minutes, seed, runs, clients, report,
};
command.SetAction(async parsed =>
{
    var violated = 0;
    for (var i = 0; i < parsed.GetValue(runs); i++)
    {
        var thisSeed = parsed.GetValue(seed) + i;
        var verdict = await new ChaosRun(parsed.GetValue(minutes), thisSeed, parsed.GetValue(clients)).RunAsync();
        var replay = string.Create(CultureInfo.InvariantCulture, $"dotnet run --project chaos -c Release -- --minutes {parsed.GetValue(minutes)} --seed {thisSeed} --clients {parsed.GetValue(clients)}");
        var path = MarkdownReport.Write(Path.Combine(parsed.GetValue(report)!, $"seed-{thisSeed}"), verdict, replay);
        Console.WriteLine($"{MarkdownReport.Summary(verdict)}; {path}");
        if (verdict.Violations.Count > 0)
        {
            violated++;
            Console.WriteLine($"  {verdict.Violations[0].Promise}: {verdict.Violations[0].Evidence}");
            Console.WriteLine($"  again: {replay}");
        }
    }

    return violated == 0 ? 0 : Violated;
});
return await command.Parse(args).InvokeAsync();
