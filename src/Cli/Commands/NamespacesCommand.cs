// "raftlocks namespaces": the spaces of locks.
using System.CommandLine;
using System.Globalization;
using RaftLocks.Cli.Shared;

namespace RaftLocks.Cli.Commands;

internal static class NamespacesCommand
{
    private const string Description =
        """
        The namespaces, how many locks are held and awaited in each, and the last id.

        Example:
          raftlocks namespaces
        """;

    public static Command Make(Terminal terminal)
    {
        var cluster = new ClusterOptions();
        var limit = new Option<int>("--limit") { Description = "About so many", DefaultValueFactory = _ => 100 };
        var cursor = new Option<string?>("--cursor") { Description = "Goes on from there, as the last answer said" };
        var command = new DescribedCommand("namespaces", Description) { limit, cursor, cluster.Nodes, cluster.Json };
        command.SetAction(async (parsed, token) =>
        {
            using var api = cluster.Api(parsed);
            var page = await api.GetAsync(
                Queries.Of("/v1/namespaces", ("limit", parsed.GetValue(limit).ToString(CultureInfo.InvariantCulture)), ("cursor", parsed.GetValue(cursor))),
                token);
            if (parsed.GetValue(cluster.Json))
            {
                await terminal.Out.WriteLineAsync(page.Pretty());
                return ExitCodes.Done;
            }

            var table = Grids.Make("NAMESPACE", "HELD", "WAITING", "LAST ID");
            foreach (var space in page.List("namespaces"))
            {
                table.Row(space.Text("namespace"), space.Text("held"), space.Text("waiting"), space.Text("lastId"));
            }

            terminal.Tables().Write(table);
            if (page.Is("more"))
            {
                await terminal.Error.WriteLineAsync($"There are more: --cursor {page.Text("cursor")}");
            }

            return ExitCodes.Done;
        });
        return command;
    }
}
