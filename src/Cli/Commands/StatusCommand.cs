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
        var nodes = await LookAsync(terminal, api, token);
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

        var members = Members(nodes);
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

    // Those that were named, and those that only they know.
    private static async Task<List<SeenNode>> LookAsync(Terminal terminal, ApiClient api, CancellationToken token)
    {
        var skipped = new SkippedNodes(terminal);
        var nodes = (await Task.WhenAll(api.Nodes.Select(node => AskAsync(api, node, skipped, token)))).ToList();
        if (nodes.All(node => node.View is null))
        {
            var names = string.Join(", ", api.Nodes.Select(node => node.Authority));
            throw new ApiUnreachableException($"No node answers ({names}).");
        }

        var known = nodes.Select(node => node.View?.Value.Name).ToHashSet(StringComparer.Ordinal);
        var asked = nodes.Select(node => node.Url.Authority).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var others = Members(nodes)
            .Where(member => UrlOf(member) is { } url && known.Add(member.Name) && asked.Add(url.Authority))
            .Select(member => UrlOf(member)!)
            .ToList();
        nodes.AddRange(await Task.WhenAll(others.Select(url => AskAsync(api, url, skipped, token))));
        return nodes;
    }

    private static async Task<SeenNode> AskAsync(ApiClient api, Uri node, SkippedNodes skipped, CancellationToken token)
    {
        try
        {
            return new SeenNode(node, await api.SendAsync(node, ApiRequests.Cluster(), token));
        }
        catch (ApiException e)
        {
            var status = e is ApiRefusedException refused ? $"it answers {(int)refused.Status}: " : "";
            skipped.Tell(node, status + e.Message);
            return new SeenNode(node, null);
        }
    }

    private static List<ClusterMember> Members(IEnumerable<SeenNode> nodes) =>
        [.. nodes.SelectMany(node => node.View?.Value.Members ?? [])];

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
            string.Equals(UrlOf(member)?.Authority, url.Authority, StringComparison.OrdinalIgnoreCase)
        );
        var name = Cells.Shown(known?.Name) ?? "?";
        return [name, url.GetLeftPart(UriPartial.Authority), "does not answer", null, null, null, null, null, null, ""];
    }

    private static Uri? UrlOf(ClusterMember member) =>
        Uri.TryCreate(member.ClientUrl, UriKind.Absolute, out var url) ? url : null;

    private sealed record SeenNode(Uri Url, ApiResponse<ClusterResponse>? View);
}
