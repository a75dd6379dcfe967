// What the pages of the HTTP API answer, byte for byte but for times, hashes, the build and numbers that differ from
// run to run: programs read it. To write new files on purpose, run with RAFTLOCKS_WRITE_GOLDEN=1.
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Journal;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Http;

public class GoldenAnswerTests
{
    private static readonly (string Pattern, string Shown)[] Changing =
    [
        (@"""\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z""", "\"TIME\""),
        (@"""[0-9a-f]{64}""", "\"HASH64\""),
        (@"""[0-9a-f]{32}""", "\"HASH32\""),
        (@"(""(?:after|commit|applied|last|compared|members)?[iI]ndex"":)\d+", "${1}0"),
        (@"(""(?:timeMs|enqueuedMs|acquiredMs|waitedMs|heldMs|term|position|bytes|queuedBytes)"":)\d+", "${1}0"),
        (@"(""cursor"":)""\d+-\d+""", "${1}\"INDEX-ORDINAL\""),
        (@"(""version"":)""[^""]+""", "${1}\"VERSION\""),
        (@"""commit"":""[0-9a-f]{40}"",", ""),
        (@"(?m)^id: .*$", "id: CURSOR"),
    ];

    [Fact]
    public async Task Each_page_of_a_node_that_leads_answers_as_it_always_did()
    {
        await using var node = await SingleNode.StartAsync(settings =>
            settings with
            {
                Dashboard = true,
                Journal = new JournalOptions
                {
                    Directory = Path.Combine(settings.DataDirectory, JournalFolder.Name),
                    Node = settings.Name,
                    KeepFreeBytes = 0,
                },
            }
        );
        var extensions = $"&session={new string('s', 32)}&label=b%C3%A4cker%20%26%3C7%3E";
        var holder = await node.ConnectExtendedAsync("gold", extensions, 600_000);
        const string resources = """[{"type":"write","path":["a","b/c"]}]""";
        await holder.SendAsync(
            $$"""{"action":"lock","channel":"x","ref":"r1","waitTimeoutMs":60000,"resources":{{resources}}}"""
        );
        while (!(await holder.NextTextAsync()).Contains("acquired", StringComparison.Ordinal))
        {
            // What a session with a token is told first.
        }

        var waiter = await node.ConnectAsync("gold", 600_000);
        await waiter.LockAsync("?a", "z");
        var forced = await node.ConnectAsync("gold", 600_000);
        await forced.LockAsync("q");
        await (await node.ConnectAsync("other")).LockAsync("a");
        var answers = new Answers(node.Http, node.Url);

        await answers.GetAsync("/v1/cluster");
        await answers.GetAsync("/v1/node");
        await answers.GetAsync("/v1/admin/members");
        await answers.PostAsync("/v1/admin/members", "{}");
        await answers.PostAsync("/v1/admin/members", """{"member":"n1,127.0.0.1:1,http://127.0.0.1:1"}""");
        await answers.SendAsync(HttpMethod.Delete, "/v1/admin/members/nobody");
        await answers.SendAsync(HttpMethod.Delete, "/v1/admin/members/n1");
        await answers.GetAsync("/v1/locks?namespace=gold");
        await answers.GetAsync("/v1/locks?namespace=gold&limit=1");
        await answers.GetAsync("/v1/locks?namespace=gold&path=nowhere");
        await answers.GetAsync("/v1/locks");
        await answers.GetAsync("/v1/locks?namespace=gold&state=odd");
        await answers.GetAsync("/v1/namespaces");
        await answers.GetAsync("/v1/namespaces?limit=0");
        await answers.GetAsync("/v1/fence?namespace=gold&id=1");
        await answers.GetAsync("/v1/fence?namespace=gold&id=77");
        await answers.GetAsync("/v1/fence?namespace=gold");
        await answers.PostAsync(
            "/v1/explain",
            """{"namespace":"gold","resources":[{"type":"read","path":["a","b/c","d"]}]}"""
        );
        await answers.PostAsync(
            "/v1/explain",
            """{"namespace":"gold","resources":[{"type":"read","path":["free"]}]}"""
        );
        await answers.PostAsync("/v1/explain", """{"namespace":"gold","id":"2"}""");
        await answers.PostAsync("/v1/explain", """{"namespace":"gold","id":"77"}""");
        await answers.PostAsync("/v1/explain", """{"namespace":"gold"}""");
        await answers.PostAsync("/v1/explain", "[]");
        await answers.GetAsync("/stats_v1?namespace=gold");
        await answers.PostAsync(
            "/v1/admin/revoke",
            """{"namespace":"gold","id":"3","reason":"gr\u00fcnde <&>","graceMs":0,"force":true}"""
        );
        await answers.PostAsync("/v1/admin/revoke", """{"namespace":"gold","id":"77","reason":"none"}""");
        await answers.PostAsync("/v1/admin/revoke", """{"namespace":"gold","id":"1"}""");
        await answers.GetAsync("/stats_v1?namespace=nobody");
        await answers.GetAsync("/health/live");
        await answers.GetAsync("/health/ready");
        await answers.GetAsync("/v1/history?order=oldest");
        await answers.GetAsync("/v1/history?namespace=gold&id=1&limit=1");
        await answers.GetAsync("/v1/history?namespace=gold&limit=0");
        await answers.StreamAsync("/v1/history/stream?namespace=gold", events: 4);
        await answers.GetAsync("/v1/admin/snapshot");

        AssertGolden("leader.txt", answers.ToString());
    }

    [Fact]
    public async Task A_node_that_knows_no_leader_answers_as_it_always_did()
    {
        var folder = Directory.CreateTempSubdirectory("raftlocks-");
        var (here, there) = (new Uri("http://127.0.0.1:9009"), new Uri("http://127.0.0.1:9"));
        var settings = new NodeSettings
        {
            Name = "n1",
            ListenUrls = ["http://127.0.0.1:0"],
            DataDirectory = folder.FullName,
            Members = [new Member("n1", "127.0.0.1", 7009, here, here), new Member("n2", "127.0.0.1", 9, there, there)],
        };
        await using (
            var node = new RunningNode(
                settings,
                new ConfigurationBuilder().Build(),
                NullLoggerFactory.Instance,
                TimeProvider.System
            )
        )
        {
            var starting = node.StartAsync();
            await Eventually.HoldsAsync(() =>
                Task.FromResult(node.ListensOn is [var url] && !url.EndsWith(":0", StringComparison.Ordinal))
            );
            using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
            var answers = new Answers(http, new Uri(node.ListensOn[0]));

            await answers.GetAsync("/v1/cluster");
            await answers.GetAsync("/v1/cluster?recent");
            await answers.GetAsync("/v1/node");
            await answers.GetAsync("/v1/admin/members");
            await answers.GetAsync("/health/ready");
            await answers.GetAsync("/v1/locks?namespace=gold");
            await answers.GetAsync("/v1/history");
            await answers.GetAsync("/v1/history/stream");
            await answers.GetAsync("/v1/history/export");

            AssertGolden("leaderless.txt", answers.ToString());
            await node.StopAsync();
            await starting;
        }

        folder.Delete(recursive: true);
    }

    private static void AssertGolden(string file, string text)
    {
        var path = Path.Combine(Path.GetDirectoryName(Here())!, "Golden", file);
        if (Environment.GetEnvironmentVariable("RAFTLOCKS_WRITE_GOLDEN") == "1")
        {
            File.WriteAllText(path, text);
        }

        Assert.Equal(File.ReadAllText(path), text);
    }

    private static string Here([CallerFilePath] string path = "") => path;

    // What was asked and answered, a paragraph each.
    private sealed class Answers(HttpClient http, Uri node)
    {
        private readonly StringBuilder told = new();

        public Task GetAsync(string page) => SendAsync(HttpMethod.Get, page);

        public Task PostAsync(string page, string body) => SendAsync(HttpMethod.Post, page, body);

        public async Task SendAsync(HttpMethod method, string page, string? body = null)
        {
            using var request = new HttpRequestMessage(method, new Uri(node, page));
            request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
            using var answer = await http.SendAsync(request);
            var type = answer.Content.Headers.ContentType?.ToString();
            var text = type == "application/octet-stream" ? "(bytes)" : await answer.Content.ReadAsStringAsync();
            Tell(method, page + (body is null ? "" : " " + body), $"{(int)answer.StatusCode} {type}", text.TrimEnd());
        }

        public async Task StreamAsync(string page, int events)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node, page));
            request.Headers.Add("Last-Event-ID", "0-0");
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
            var lines = new List<string>();
            while (lines.Count(line => line.StartsWith("data:", StringComparison.Ordinal)) < events)
            {
                lines.Add((await reader.ReadLineAsync().WaitAsync(WireClient.WaitBound))!);
            }

            var head = $"{(int)answer.StatusCode} {answer.Content.Headers.ContentType}";
            Tell(HttpMethod.Get, page, head, string.Join('\n', lines));
        }

        public override string ToString() => told.ToString();

        private void Tell(HttpMethod method, string question, string head, string text)
        {
            foreach (var (pattern, shown) in Changing)
            {
                text = Regex.Replace(text, pattern, shown, RegexOptions.None, TimeSpan.FromSeconds(1));
            }

            told.Append(method).Append(' ').Append(question).Append('\n');
            told.Append(head).Append('\n').Append(text).Append("\n\n");
        }
    }
}
