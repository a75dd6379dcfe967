// "raftlocks history": what happened to a lock.
using System.CommandLine;
using RaftLocks.Api;
using RaftLocks.Cli.Shared;

namespace RaftLocks.Cli.Commands;

internal static class HistoryCommand
{
    private const string Description = """
        What happened, from a node's journal, the newest first.

        Examples:
          raftlocks history orders/42
          raftlocks history --id 17
          raftlocks history --from 2026-01-31T12:00:00Z --oldest --limit 500 --json
        """;

    public static Command Make(Terminal terminal)
    {
        var cluster = new ClusterOptions();
        var filter = new HistoryFilterOptions(cluster);
        var limit = new Option<int>("--limit") { Description = "At most so many", DefaultValueFactory = _ => 50 };
        Ranges.Check(limit, 1, 1000);
        var oldest = new Option<bool>("--oldest") { Description = "The oldest first" };
        var cursor = new Option<string?>("--cursor") { Description = "Goes on from there, as the last answer said" };
        var command = new DescribedCommand("history", Description) { limit, oldest, cursor };
        filter.AddTo(command);
        command.SetAction(
            async (parsed, token) =>
            {
                using var api = cluster.Api(terminal, parsed);
                var wanted = filter.Of(parsed) with
                {
                    Limit = parsed.GetValue(limit),
                    Order = parsed.GetValue(oldest) ? "oldest" : "newest",
                    Cursor = parsed.GetValue(cursor),
                };
                var (page, bytes) = await api.SendAsync(ApiRequests.History(wanted), token);
                if (parsed.GetValue(cluster.Json))
                {
                    await terminal.Out.WriteLineAsync(ResponseJson.Pretty(bytes));
                    return ExitCodes.Done;
                }

                var table = HistoryFilterOptions.Table();
                foreach (var happened in page.Events)
                {
                    HistoryFilterOptions.AddRow(table, happened);
                }

                terminal.Tables().Write(table);
                foreach (var gap in page.Gaps ?? [])
                {
                    await terminal.Error.WriteLineAsync(
                        $"This node's journal has a gap up to index {gap.Index}: {Cells.Shown(gap.Reason)}"
                    );
                }

                if (page.More)
                {
                    await terminal.Error.WriteLineAsync($"There is more: --cursor {Cells.Shown(page.Cursor)}");
                }

                return ExitCodes.Done;
            }
        );
        return command;
    }
}
