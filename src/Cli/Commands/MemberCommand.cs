// "raftlocks member list|add|remove": who belongs to the cluster.
using System.CommandLine;
using RaftLocks.Api;
using RaftLocks.Cli.Shared;

namespace RaftLocks.Cli.Commands;

internal static class MemberCommand
{
    private const string Description = """
        Who belongs to the cluster. Needs the admin token, or a node on this machine where none is set.

        Examples:
          raftlocks member list
          raftlocks member add n4,10.0.0.4:7009,http://10.0.0.4:9009
          raftlocks member remove n2
        """;

    public static Command Make(Terminal terminal)
    {
        var cluster = new ClusterOptions();
        var member = new Argument<string>("MEMBER")
        {
            Description = "NAME,RAFTHOST:PORT,CLIENTURL[,INTERNALURL], as the new node was told with --member",
        };
        var name = new Argument<string>("NAME") { Description = "The member's name" };
        var force = new Option<bool>("--force") { Description = "Even if those who stay don't answer" };
        Option[] shared = [.. cluster.Where, cluster.Json];
        var list = new DescribedCommand("list", "The members.").With(shared);
        var add = new DescribedCommand("add", "Adds a node that was started with an empty data folder and --join.")
        {
            member,
        }.With(shared);
        var remove = new DescribedCommand("remove", "Removes a member, alive or dead. Its data is never used again.")
        {
            name,
            force,
        }.With(shared);
        Do(list, (api, _, token) => api.SendAsync(ApiRequests.Members(), token));
        Do(
            add,
            async (api, parsed, token) =>
            {
                var text = parsed.GetRequiredValue(member);
                await using var progress = new AdditionProgress(api, text, terminal.Error);
                return await api.SendAsync(ApiRequests.AddMember(text), token);
            }
        );
        Do(
            remove,
            (api, parsed, token) =>
                api.SendAsync(ApiRequests.RemoveMember(parsed.GetRequiredValue(name), parsed.GetValue(force)), token)
        );
        return new DescribedCommand("member", Description) { list, add, remove };

        void Do(
            Command command,
            Func<ApiClient, ParseResult, CancellationToken, Task<ApiResponse<MembersResponse>>> ask
        ) =>
            command.SetAction(
                async (parsed, token) =>
                {
                    using var api = cluster.Api(terminal, parsed);
                    Show(terminal, await ask(api, parsed, token), parsed.GetValue(cluster.Json));
                    return ExitCodes.Done;
                }
            );
    }

    private static void Show(Terminal terminal, ApiResponse<MembersResponse> answer, bool json)
    {
        if (json)
        {
            terminal.Out.WriteLine(ResponseJson.Pretty(answer.Bytes));
            return;
        }

        var table = Grids.Make("NAME", "RAFT", "CLIENTS", "ROLE");
        foreach (var member in answer.Value.Members)
        {
            table.Row(
                Cells.Shown(member.Name),
                Cells.Shown($"{member.RaftHost}:{member.RaftPort}"),
                Cells.Shown(member.ClientUrl),
                member.Name == answer.Value.Leader ? "leader" : ""
            );
        }

        terminal.Tables().Write(table);
    }
}
