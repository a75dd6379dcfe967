// "raftlocks-node member list|add|remove": the members of a running cluster, for people and scripts.
using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using RaftLocks.Node.Http;

namespace RaftLocks.Node.Membership;

/// <summary>The subcommands that change who belongs to the cluster.</summary>
internal static class MemberCommand
{
    /// <summary>The first argument that calls it.</summary>
    public const string Name = "member";

    // A leader that removes itself hands over first and asks to be asked again; so does one that is just being elected.
    private const int Attempts = 10;
    private const int MaxRedirects = 3;
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AnswerBound = TimeSpan.FromMinutes(2);

    private static readonly Option<string> Node = new("--node") { Description = "any node's address", DefaultValueFactory = _ => "http://127.0.0.1:9009" };
    private static readonly Option<string?> Token = new("--token") { Description = "the admin token [RAFTLOCKS_ADMIN_TOKEN]", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("RAFTLOCKS_ADMIN_TOKEN") };
    private static readonly Option<bool> Json = new("--json") { Description = "the answer as JSON, for programs" };

    /// <summary>Runs it; the exit code is 0 if it was done.</summary>
    public static Task<int> RunAsync(string[] arguments)
    {
        var member = new Argument<string>("MEMBER") { Description = "NAME,RAFTHOST:PORT,CLIENTURL[,INTERNALURL], as the new node was told with --member" };
        var name = new Argument<string>("NAME") { Description = "the member's name" };
        var force = new Option<bool>("--force") { Description = "even if those who stay don't answer" };
        var list = new Command("list", "The members.") { Node, Token, Json };
        var add = new Command("add", "Adds a node that was started with an empty data folder and --join.") { member, Node, Token, Json };
        var remove = new Command("remove", "Removes a member, alive or dead. Its data is never used again.") { name, force, Node, Token, Json };
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
        return new RootCommand("raftlocks-node") { new Command(Name, "Who belongs to the cluster.") { list, add, remove } }.Parse(arguments).InvokeAsync();
    }

    private static async Task<int> AskAsync(ParseResult parsed, Func<HttpRequestMessage> request, CancellationToken token)
    {
        if (!Uri.TryCreate(parsed.GetValue(Node), UriKind.Absolute, out var node))
        {
            await Console.Error.WriteLineAsync($"--node '{parsed.GetValue(Node)}' is no address, such as http://127.0.0.1:9009.");
            return 1;
        }

        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = AnswerBound };
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                using var answer = await FollowAsync(client, node, request, parsed.GetValue(Token), token);
                if (answer.StatusCode != HttpStatusCode.ServiceUnavailable || attempt == Attempts)
                {
                    return await TellAsync(answer, parsed.GetValue(Json), token);
                }

                await Task.Delay(BetweenAttempts, token);
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"{node} does not answer: {e.Message}");
            return 1;
        }
    }

    private static async Task<HttpResponseMessage> FollowAsync(HttpClient client, Uri node, Func<HttpRequestMessage> request, string? adminToken, CancellationToken token)
    {
        var at = node;
        for (var redirects = 0; ; redirects++)
        {
            using var message = request();
            message.RequestUri = new Uri(at, message.RequestUri!);
            if (adminToken is not null)
            {
                message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", adminToken);
            }

            var answer = await client.SendAsync(message, token);
            if (answer.StatusCode != HttpStatusCode.TemporaryRedirect || answer.Headers.Location is not { } location || redirects == MaxRedirects)
            {
                return answer;
            }

            at = new Uri(new Uri(at, location).GetLeftPart(UriPartial.Authority));
            answer.Dispose();
        }
    }

    private static async Task<int> TellAsync(HttpResponseMessage answer, bool json, CancellationToken token)
    {
        if (!answer.IsSuccessStatusCode)
        {
            await Console.Error.WriteLineAsync((await answer.Content.ReadAsStringAsync(token)).Trim());
            return 1;
        }

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
