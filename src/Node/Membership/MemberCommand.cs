// "raftlocks-node member list|add|remove": the members of a running cluster, for people and scripts.
using System.CommandLine;
using System.Net.Http.Json;
using RaftLocks.Node.Http;
using RaftLocks.Node.Settings;

namespace RaftLocks.Node.Membership;

/// <summary>The subcommands that change who belongs to the cluster.</summary>
internal static class MemberCommand
{
    /// <summary>The first argument that calls it.</summary>
    public const string Name = "member";

    private static readonly Option<bool> Json = new("--json") { Description = "the answer as JSON, for programs" };

    /// <summary>Runs it; the exit code is 0 if it was done.</summary>
    public static Task<int> RunAsync(string[] arguments)
    {
        var member = new Argument<string>("MEMBER") { Description = "NAME,RAFTHOST:PORT,CLIENTURL[,INTERNALURL], as the new node was told with --member" };
        var name = new Argument<string>("NAME") { Description = "the member's name" };
        var force = new Option<bool>("--force") { Description = "even if those who stay don't answer" };
        var list = new Command("list", "The members.") { AdminClient.Node, AdminClient.Token, Json };
        var add = new Command("add", "Adds a node that was started with an empty data folder and --join.") { member, AdminClient.Node, AdminClient.Token, Json };
        var remove = new Command("remove", "Removes a member, alive or dead. Its data is never used again.") { name, force, AdminClient.Node, AdminClient.Token, Json };
        list.SetAction((parsed, token) => AskAsync(parsed, () => new HttpRequestMessage(HttpMethod.Get, "/v1/admin/members"), token));
        add.SetAction((parsed, token) => AskAsync(
            parsed,
            () => new HttpRequestMessage(HttpMethod.Post, "/v1/admin/members")
            {
                Content = JsonContent.Create(new MemberToAdd(parsed.GetValue(member)), JsonShapes.Default.MemberToAdd),
            },
            token));
        remove.SetAction((parsed, token) => AskAsync(
            parsed,
            () => new HttpRequestMessage(
                HttpMethod.Delete, $"/v1/admin/members/{Uri.EscapeDataString(parsed.GetValue(name)!)}{(parsed.GetValue(force) ? "?force=true" : "")}"),
            token));
        return Subcommand.RunAsync(new Command(Name, "Who belongs to the cluster.") { list, add, remove }, arguments);
    }

    private static Task<int> AskAsync(ParseResult parsed, Func<HttpRequestMessage> request, CancellationToken token) =>
        AdminClient.AskAsync(parsed, request, (answer, cancel) => TellAsync(answer, parsed.GetValue(Json), cancel), token);

    private static async Task<int> TellAsync(HttpResponseMessage answer, bool json, CancellationToken token)
    {
        if (json)
        {
            Console.WriteLine((await answer.Content.ReadAsStringAsync(token)).Trim());
            return 0;
        }

        var view = (await answer.Content.ReadFromJsonAsync(JsonShapes.Default.MembersView, token))!;
        Console.WriteLine($"{"NAME",-16} {"RAFT",-24} {"CLIENTS",-32} ROLE");
        foreach (var member in view.Members)
        {
            Console.WriteLine($"{member.Name,-16} {member.RaftHost + ":" + member.RaftPort,-24} {member.ClientUrl,-32} {(member.Name == view.Leader ? "leader" : "")}".TrimEnd());
        }

        return 0;
    }
}
