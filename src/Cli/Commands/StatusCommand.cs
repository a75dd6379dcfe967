// "raftlocks status": every node as it sees itself, who leads, who lags.
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using RaftLocks.Cli.Shared;
using RaftLocks.Client;

namespace RaftLocks.Cli.Commands;

internal static class StatusCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private const string Description =
        """
        The nodes: who leads, in which term, how far each is behind, and what alarms it raises. The nodes that were not named are found from those that were.

        Examples:
          raftlocks status
          raftlocks status --node http://10.0.0.1:9009 --json

        Exit codes: 0 all well; 1 no leader, a node that does not answer, or an alarm; 122 no node answers.
        """;

    public static Command Make(Terminal terminal)
    {
        var cluster = new ClusterOptions();
        var command = new DescribedCommand("status", Description) { cluster.Nodes, cluster.Json };
        command.SetAction(async (parsed, token) =>
        {
            using var api = cluster.Api(parsed);
            return await ShowAsync(terminal, api, parsed.GetValue(cluster.Json), token);
        });
        return command;
    }

    private static async Task<int> ShowAsync(Terminal terminal, NodeApi api, bool json, CancellationToken token)
    {
        var nodes = (await Task.WhenAll(api.Nodes.Select(async node => (Url: node, View: await AskAsync(api, node, token))))).ToList();
        if (nodes.All(node => node.View is null))
        {
            throw new ClusterUnreachableException($"No node answers ({string.Join(", ", api.Nodes.Select(node => node.Authority))}).");
        }

        var known = nodes.Select(node => node.View?.Text("name")).ToHashSet(StringComparer.Ordinal);
        var asked = nodes.Select(node => node.Url.Authority).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var members = nodes.SelectMany(node => node.View?.List("members") ?? []).ToList();
        var others = members.Where(member => known.Add(member.Text("name")) && asked.Add(new Uri(member.Text("clientUrl")!).Authority)).ToList();
        nodes.AddRange(await Task.WhenAll(others.Select(async member =>
        {
            var url = new Uri(member.Text("clientUrl")!);
            return (url, await AskAsync(api, url, token));
        })));
        var views = nodes.Select(node => node.View).OfType<JsonElement>().ToList();
        var leader = views.Where(view => view.Text("role") == "leader").OrderByDescending(view => view.Number("term")).Cast<JsonElement?>().FirstOrDefault();
        var isWell = leader is not null && views.Count == nodes.Count && views.All(view => !view.List("alarms").Any());
        if (json)
        {
            await terminal.Out.WriteLineAsync("[" + string.Join(",\n", views.Select(view => view.Pretty())) + "]");
            return isWell ? ExitCodes.Done : ExitCodes.Failed;
        }

        var table = Grids.Make("NODE", "ADDRESS", "ROLE", "TERM", "APPLIED", "LAG", "LOCKS", "CLIENTS", "VERSION", "ALARMS");
        foreach (var (url, view) in nodes.OrderBy(node => node.View?.Text("name") ?? "~", StringComparer.Ordinal))
        {
            table.Row(view is { } is1
                ?
                [
                    is1.Text("name"), url.GetLeftPart(UriPartial.Authority), is1.Text("role"), is1.Text("term"), is1.Text("appliedIndex"), Lag(leader, is1),
                    is1.Text("live"), is1.Text("connections"), is1.Text("version"), string.Join("; ", is1.List("alarms").Select(alarm => alarm.ToString())),
                ]
                : [NameOf(url, members) ?? "?", url.GetLeftPart(UriPartial.Authority), "does not answer", null, null, null, null, null, null, ""]);
        }

        terminal.Tables().Write(table);
        if (leader is null)
        {
            await terminal.Error.WriteLineAsync("No node leads at the moment.");
        }

        return isWell ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static string? NameOf(Uri silent, List<JsonElement> members) =>
        members.Where(member => string.Equals(new Uri(member.Text("clientUrl")!).Authority, silent.Authority, StringComparison.OrdinalIgnoreCase))
            .Select(member => member.Text("name")).FirstOrDefault();

    private static string? Lag(JsonElement? leader, JsonElement view) =>
        leader?.Number("commitIndex") is { } committed && view.Number("appliedIndex") is { } applied
            ? Math.Max(0, committed - applied).ToString(CultureInfo.InvariantCulture)
            : null;

    private static Task<JsonElement?> AskAsync(NodeApi api, Uri node, CancellationToken token) => api.AskOneAsync(node, "/v1/cluster", Patience, token);
}
