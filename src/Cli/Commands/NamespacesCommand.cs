// "raftlocks namespaces": the spaces of locks.
using System.CommandLine;
using RaftLocks.Api;
using RaftLocks.Cli.Shared;

namespace RaftLocks.Cli.Commands;

internal static class NamespacesCommand
{
    private const string Description = """
        The namespaces, how many locks are held and awaited in each, and the last id.

        Example:
          raftlocks namespaces
        """;

    public static Command Make(Terminal terminal)
    {
        var cluster = new ClusterOptions();
        var limit = new Option<int>("--limit") { Description = "About so many", DefaultValueFactory = _ => 100 };
        Ranges.Check(limit, 1, 1000);
        var cursor = new Option<string?>("--cursor") { Description = "Goes on from there, as the last answer said" };
        var command = new DescribedCommand("namespaces", Description) { limit, cursor }.With([
            .. cluster.Where,
            cluster.Json,
        ]);
        command.SetAction(
            async (parsed, token) =>
            {
                using var api = cluster.Api(terminal, parsed);
                var (page, bytes) = await api.SendAsync(
                    ApiRequests.Namespaces(parsed.GetValue(limit), parsed.GetValue(cursor)),
                    token
                );
                if (parsed.GetValue(cluster.Json))
                {
                    await terminal.Out.WriteLineAsync(ResponseJson.Pretty(bytes));
                    return ExitCodes.Done;
                }

                var table = Grids.Make("NAMESPACE", "HELD", "WAITING", "LAST ID");
                foreach (var space in page.Namespaces)
                {
                    table.Row(
                        Cells.Shown(space.Namespace),
                        Cells.Number(space.Held),
                        Cells.Number(space.Waiting),
                        Cells.Shown(space.LastId)
                    );
                }

                terminal.Tables().Write(table);
                if (page.More)
                {
                    await terminal.Error.WriteLineAsync($"There are more: --cursor {Cells.Shown(page.Cursor)}");
                }

                return ExitCodes.Done;
            }
        );
        return command;
    }
}
