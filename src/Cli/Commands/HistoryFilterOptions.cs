// Which events: options that "history" and "watch" share.
using System.CommandLine;
using RaftLocks.Api;
using RaftLocks.Cli.Shared;
using Spectre.Console;

namespace RaftLocks.Cli.Commands;

internal sealed class HistoryFilterOptions
{
    private readonly ClusterOptions cluster;

    private readonly Argument<string?> path = new("PATH")
    {
        Description = "Only events of locks that touch this path",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<string?> scope = new("--scope")
    {
        Description = "Of the path: itself, above, beneath, or a list of them [all]",
    };
    private readonly Option<string?> id = new("--id") { Description = "Only this request" };
    private readonly Option<string?> session = new("--session")
    {
        Description = "Only this session, as events name it",
    };
    private readonly Option<string?> from = new("--from") { Description = "Not before, as in 2026-01-31T23:59:59Z" };
    private readonly Option<string?> to = new("--to") { Description = "Not after" };

    private readonly Option<bool> raw = LockPaths.RawOption();

    public HistoryFilterOptions(ClusterOptions cluster)
    {
        this.cluster = cluster;
        LockPaths.Check(path, raw);
    }

    public void AddTo(Command command)
    {
        command.Add(path);
        foreach (
            var option in (Option[])
                [scope, id, session, from, to, raw, .. cluster.Where, cluster.Namespace, cluster.Json]
        )
        {
            command.Add(option);
        }
    }

    public HistoryRequest Of(ParseResult parsed) =>
        new()
        {
            Namespace = cluster.Target(parsed).Namespace,
            Path = LockPaths.ToParameter(parsed.GetValue(path), parsed.GetValue(raw)),
            Scope = parsed.GetValue(scope),
            Id = parsed.GetValue(id),
            Session = parsed.GetValue(session),
            From = parsed.GetValue(from),
            To = parsed.GetValue(to),
        };

    public static Table Table() => Grids.Make("TIME", "EVENT", "ID", "RESOURCES", "WHO", "WAITED", "HELD", "REASON");

    public static void AddRow(Table table, HistoryEvent happened) => table.Row(CellsOf(happened));

    /// <summary>An event in one line, for a stream.</summary>
    public static string Line(HistoryEvent happened)
    {
        var cells = CellsOf(happened);
        var reason = cells[^1] is { Length: > 0 } text ? $" ({text})" : "";
        return $"{cells[0],-24} {cells[1],-10} {cells[2],8}  {cells[3]}  {cells[4]}{reason}".TrimEnd();
    }

    private static string?[] CellsOf(HistoryEvent happened) =>
        [
            Cells.Shown(happened.Time),
            Cells.Shown(happened.Event),
            Cells.Shown(happened.Id),
            Cells.Resources(happened.Resources),
            Cells.Who(happened.Label, happened.Session) ?? "",
            Duration(happened.WaitedMs),
            Duration(happened.HeldMs),
            Cells.Shown(happened.Reason) ?? "",
        ];

    private static string Duration(long? ms) =>
        ms is { } known ? Durations.Format(TimeSpan.FromMilliseconds(known)) : "";
}
