// Which events: options that "history" and "watch" share.
using System.CommandLine;
using System.Text.Json;
using RaftLocks.Cli.Shared;
using Spectre.Console;

namespace RaftLocks.Cli.Commands;

internal sealed class HistoryFilterOptions
{
    private readonly ClusterOptions cluster;

    private readonly Argument<string?> path = new("PATH") { Description = "Only events of locks that touch this path", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> scope = new("--scope") { Description = "Of the path: itself, above, beneath, or a list of them [all]" };
    private readonly Option<string?> id = new("--id") { Description = "Only this request" };
    private readonly Option<string?> session = new("--session") { Description = "Only this session, as events name it" };
    private readonly Option<string?> from = new("--from") { Description = "Not before, as in 2026-01-31T23:59:59Z" };
    private readonly Option<string?> to = new("--to") { Description = "Not after" };

    public HistoryFilterOptions(ClusterOptions cluster) => this.cluster = cluster;

    public void AddTo(Command command)
    {
        command.Add(path);
        foreach (var option in new Option[] { scope, id, session, from, to, cluster.Nodes, cluster.Namespace, cluster.Json })
        {
            command.Add(option);
        }
    }

    public (string Name, string? Value)[] Of(ParseResult parsed) =>
    [
        ("namespace", parsed.GetValue(cluster.Namespace)),
        ("path", Queries.Path(parsed.GetValue(path))),
        ("scope", parsed.GetValue(scope)),
        ("id", parsed.GetValue(id)),
        ("session", parsed.GetValue(session)),
        ("from", parsed.GetValue(from)),
        ("to", parsed.GetValue(to)),
    ];

    public static Table Table() => Grids.Make("TIME", "EVENT", "ID", "RESOURCES", "WHO", "WAITED", "HELD", "REASON");

    public static void AddRow(Table table, JsonElement happened) => table.Row(Cells(happened));

    /// <summary>An event in one line, for a stream.</summary>
    public static string Line(JsonElement happened)
    {
        var cells = Cells(happened);
        return $"{cells[0],-24} {cells[1],-10} {cells[2],8}  {cells[3]}  {cells[4]}{(cells[^1] is { Length: > 0 } reason ? $" ({reason})" : "")}".TrimEnd();
    }

    private static string?[] Cells(JsonElement happened) =>
    [
        happened.Text("time"),
        happened.Text("event"),
        happened.Text("id"),
        happened.Resources(),
        happened.Text("label") is { Length: > 0 } label ? label : happened.Text("session") is { Length: > 8 } session ? session[..8] : "",
        Duration(happened.Number("waitedMs")),
        Duration(happened.Number("heldMs")),
        happened.Text("reason") ?? "",
    ];

    private static string Duration(long? ms) => ms is { } known ? Durations.Format(TimeSpan.FromMilliseconds(known)) : "";
}
