// "raftlocks status": every node as it sees itself, who leads, who lags.
using System.CommandLine;
using RaftLocks.Api;
using RaftLocks.Cli.Shared;

namespace RaftLocks.Cli.Commands;

internal static class StatusCommand
{
    private const string Description = """
        The nodes: who leads, in which term, how far each is behind, and what alarms it raises. The nodes that were not named are found from those that were.

        Examples:
          raftlocks status
          raftlocks status --node http://10.0.0.1:9009 --json

        Exit codes: 0 all well; 1 no leader, a node that does not answer, or an alarm; 122 no node answers.
        """;

    public static Command Make(Terminal terminal)
    {
        var cluster = new ClusterOptions();
        var command = new DescribedCommand("status", Description).With([.. cluster.Where, cluster.Json]);
        command.SetAction(
            async (parsed, token) =>
            {
                using var api = cluster.Api(terminal, parsed);
                return await ShowAsync(terminal, api, parsed.GetValue(cluster.Json), token);
            }
        );
        return command;
    }

    private static async Task<int> ShowAsync(Terminal terminal, ApiClient api, bool json, CancellationToken token)
    {
        var nodes = await SeenNode.AskAllAsync(api, new SkippedNodes(terminal), token);
        var views = nodes.Select(node => node.View).OfType<ApiResponse<ClusterResponse>>().ToList();
        var leader = views.Select(view => view.Value).Where(view => view.Role == "leader").MaxBy(view => view.Term);
        var isWell =
            leader is not null
            && views.Count == nodes.Count
            && views.All(view => view.Value.Alarms is not { Count: > 0 });
        if (json)
        {
            var answers = views.Select(view => ResponseJson.Pretty(view.Bytes));
            await terminal.Out.WriteLineAsync("[" + string.Join(",\n", answers) + "]");
            return isWell ? ExitCodes.Done : ExitCodes.Failed;
        }

        var members = SeenNode.Members(nodes);
        var table = Grids.Make(
            "NODE",
            "ADDRESS",
            "ROLE",
            "TERM",
            "APPLIED",
            "LAG",
            "LOCKS",
            "CLIENTS",
            "VERSION",
            "ALARMS"
        );
        foreach (var (url, view) in nodes.OrderBy(node => node.View?.Value.Name ?? "~", StringComparer.Ordinal))
        {
            table.Row(view is null ? Silent(url, members) : Answering(url, view.Value, leader));
        }

        terminal.Tables().Write(table);
        if (leader is null)
        {
            await terminal.Error.WriteLineAsync("No node leads at the moment.");
        }

        return isWell ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static string?[] Answering(Uri url, ClusterResponse view, ClusterResponse? leader) =>
        [
            Cells.Shown(view.Name),
            url.GetLeftPart(UriPartial.Authority),
            Cells.Shown(view.Role),
            Cells.Number(view.Term),
            Cells.Number(view.AppliedIndex),
            leader is null ? null : Cells.Number(Math.Max(0, leader.CommitIndex - view.AppliedIndex)),
            Cells.Number(view.Live),
            Cells.Number(view.Connections),
            Cells.Shown(view.Version),
            Cells.Shown(string.Join("; ", view.Alarms ?? [])),
        ];

    private static string?[] Silent(Uri url, List<ClusterMember> members)
    {
        var known = members.Find(member =>
            string.Equals(SeenNode.UrlOf(member)?.Authority, url.Authority, StringComparison.OrdinalIgnoreCase)
        );
        var name = Cells.Shown(known?.Name) ?? "?";
        return [name, url.GetLeftPart(UriPartial.Authority), "does not answer", null, null, null, null, null, null, ""];
    }
}
