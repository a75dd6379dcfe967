// "raftlocks member list|add|remove": who belongs to the cluster.
using System.CommandLine;
using System.Text.Json;
using RaftLocks.Cli.Shared;

namespace RaftLocks.Cli.Commands;

internal static class MemberCommand
{
    private const string Page = "/v1/admin/members";

    private const string Description =
        """
        Who belongs to the cluster. Needs the admin token, or a node on this machine where none is set.

        Examples:
          raftlocks member list
          raftlocks member add n4,10.0.0.4:7009,http://10.0.0.4:9009
          raftlocks member remove n2
        """;

    public static Command Make(Terminal terminal)
    {
        var cluster = new ClusterOptions();
        var member = new Argument<string>("MEMBER") { Description = "NAME,RAFTHOST:PORT,CLIENTURL[,INTERNALURL], as the new node was told with --member" };
        var name = new Argument<string>("NAME") { Description = "The member's name" };
        var force = new Option<bool>("--force") { Description = "Even if those who stay don't answer" };
        var list = new Command("list", "The members.") { cluster.Nodes, cluster.Token, cluster.Json };
        var add = new Command("add", "Adds a node that was started with an empty data folder and --join.") { member, cluster.Nodes, cluster.Token, cluster.Json };
        var remove = new Command("remove", "Removes a member, alive or dead. Its data is never used again.") { name, force, cluster.Nodes, cluster.Token, cluster.Json };
        Do(list, (api, _, token) => api.GetAsync(Page, token));
        Do(add, (api, parsed, token) => api.PostAsync(Page, "{\"member\":" + JsonSerializer.Serialize(parsed.GetRequiredValue(member)) + "}", token));
        Do(remove, (api, parsed, token) => api.DeleteAsync(
            $"{Page}/{Uri.EscapeDataString(parsed.GetRequiredValue(name))}{(parsed.GetValue(force) ? "?force=true" : "")}", token));
        return new DescribedCommand("member", Description) { list, add, remove };

        void Do(Command command, Func<NodeApi, ParseResult, CancellationToken, Task<JsonElement>> ask) => command.SetAction(async (parsed, token) =>
        {
            using var api = cluster.Api(parsed);
            Show(terminal, await ask(api, parsed, token), parsed.GetValue(cluster.Json));
            return ExitCodes.Done;
        });
    }

    private static void Show(Terminal terminal, JsonElement view, bool json)
    {
        if (json)
        {
            terminal.Out.WriteLine(view.Pretty());
            return;
        }

        var table = Grids.Make("NAME", "RAFT", "CLIENTS", "ROLE");
        foreach (var member in view.List("members"))
        {
            table.Row(member.Text("name"), $"{member.Text("raftHost")}:{member.Text("raftPort")}", member.Text("clientUrl"), member.Text("name") == view.Text("leader") ? "leader" : "");
        }

        terminal.Tables().Write(table);
    }
}
