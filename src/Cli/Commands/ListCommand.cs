// "raftlocks ls": who holds what and who waits for it.
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using RaftLocks.Cli.Shared;
using Spectre.Console;

namespace RaftLocks.Cli.Commands;

internal static class ListCommand
{
    private const string Description =
        """
        Who holds what and who waits for it, since when, and at which place in line.

        Examples:
          raftlocks ls
          raftlocks ls orders/42 --watch          (that path, what lies above and beneath it)
          raftlocks ls --state enqueued --json
          raftlocks ls --watch --json             (a line of JSON whenever it has changed)
        """;

    public static Command Make(Terminal terminal)
    {
        var cluster = new ClusterOptions();
        var path = new Argument<string?>("PATH") { Description = "Only what touches this path", Arity = ArgumentArity.ZeroOrOne };
        var scope = new Option<string?>("--scope") { Description = "Of the path: itself, above, beneath, or a list of them [all]" };
        var state = new Option<string?>("--state") { Description = "Only acquired, or only enqueued" };
        state.AcceptOnlyFromAmong("acquired", "enqueued");
        var limit = new Option<int>("--limit") { Description = "At most so many, up to 1000", DefaultValueFactory = _ => 100 };
        var cursor = new Option<string?>("--cursor") { Description = "Goes on from there, as the last answer said" };
        var watch = new Option<bool>("--watch") { Description = "Goes on, a look a second, until Ctrl-C" };
        var command = new DescribedCommand("ls", Description) { path, scope, state, limit, cursor, watch, cluster.Nodes, cluster.Namespace, cluster.Json };
        command.SetAction(async (parsed, token) =>
        {
            using var api = cluster.Api(parsed);
            var query = Queries.Of(
                "/v1/locks",
                ("namespace", parsed.GetValue(cluster.Namespace)),
                ("path", Queries.Path(parsed.GetValue(path))),
                ("scope", parsed.GetValue(scope)),
                ("state", parsed.GetValue(state)),
                ("limit", parsed.GetValue(limit).ToString(CultureInfo.InvariantCulture)),
                ("cursor", parsed.GetValue(cursor)));
            var isJson = parsed.GetValue(cluster.Json);
            if (parsed.GetValue(watch))
            {
                var looks = new ListWatch(terminal, api, query, Table);
                await (isJson ? looks.WriteAsync(token) : looks.ShowAsync(token));
            }

            var page = await api.GetAsync(query, token);
            if (isJson)
            {
                await terminal.Out.WriteLineAsync(page.Pretty());
                return ExitCodes.Done;
            }

            terminal.Tables().Write(Table(page));
            if (page.Is("more"))
            {
                await terminal.Error.WriteLineAsync($"There are more: --cursor {page.Text("cursor")}, or ask for one path.");
            }
            else if (!page.List("requests").Any())
            {
                await terminal.Error.WriteLineAsync(
                    $"Nothing of the kind in the namespace '{parsed.GetValue(cluster.Namespace)}'. Others: raftlocks namespaces, and --namespace.");
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Table Table(JsonElement page)
    {
        var table = Grids.Make("ID", "STATE", "RESOURCES", "WHO", "SINCE", "PLACE", "BEHIND");
        var labels = page.List("requests").ToDictionary(request => request.Text("id")!, request => request.Text("label"), StringComparer.Ordinal);
        foreach (var request in page.List("requests"))
        {
            var isHeld = request.Text("state") == "acquired";
            table.Row(
                request.Text("id"),
                isHeld ? "held" : "waits",
                request.Resources(),
                Who(request),
                request.Since(isHeld ? "acquiredAt" : "enqueuedAt"),
                isHeld ? "" : request.Text("place"),
                isHeld ? "" : Behind(request, labels));
        }

        return table;
    }

    private static string? Who(JsonElement request) =>
        (request.Text("label") is { Length: > 0 } label ? label : request.Text("session") is { Length: > 8 } session ? session[..8] : "-")
        + (request.TryGetProperty("connected", out var connected) && connected.ValueKind == JsonValueKind.False ? " (away)" : "");

    private static string? Behind(JsonElement request, Dictionary<string, string?> labels) => request.Text("blocker") is not { } blocker ? null
        : labels.TryGetValue(blocker, out var label) && !string.IsNullOrEmpty(label) ? $"{label} ({blocker})"
        : blocker;
}
