using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// Questions to a cluster: any node leads to the leader's answer, the next leader answers the same, and revokes are
// allowed once all three members have said that they know them.

public sealed class QueryTests(ITestOutputHelper output) : ClusterTest(output)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false });

    [Fact]
    public async Task Any_node_leads_to_an_answer_that_outlives_the_leader()
    {
        var cluster = await StartAsync(3);
        var holder = await ClientAsync(cluster, "asked", abandonTimeoutMs: 600_000);
        Assert.Equal("acquired", (await holder.LockAsync("a")).State);

        // Each node says so as soon as the lock was answered, wherever it was sent.
        foreach (var node in cluster.Nodes)
        {
            Assert.Equal("1 acquired", await HolderAsync(node));
            Assert.Equal("""["1"]""", (await ExplainAsync(node)).GetProperty("blockedBy").GetRawText());
        }

        await Eventually.HoldsAsync(
            "every member is at feature level 2 or above",
            Bound,
            async () =>
            {
                foreach (var node in cluster.Nodes)
                {
                    if (
                        await node.Http.GetAsync("/v1/cluster") is not { Status: HttpStatusCode.OK } answer
                        || !Regex.IsMatch(answer.Body, "\"featureLevel\":[2-9]", RegexOptions.None, Bound)
                    )
                    {
                        return false;
                    }
                }

                return true;
            }
        );

        await (await cluster.LeaderAsync()).KillAsync();
        var next = await cluster.LeaderAsync();
        Assert.Equal("1 acquired", await HolderAsync(next));

        var waiter = await ClientAsync(cluster, "asked");
        Assert.Equal("enqueued", (await waiter.LockAsync("a/b")).State);
        Assert.Equal("revoked", await RevokeAsync(next));
        Assert.Equal("acquired", (await waiter.NextAsync()).State);
    }

    private static async Task<string> HolderAsync(NodeProcess node)
    {
        var page = await JsonAsync(await Http.GetAsync(new Uri(node.Url, "/v1/locks?namespace=asked")));
        var row = Assert.Single(page.GetProperty("requests").EnumerateArray());
        return $"{row.GetProperty("id").GetString()} {row.GetProperty("state").GetString()}";
    }

    private static async Task<JsonElement> ExplainAsync(NodeProcess node) =>
        await JsonAsync(
            await Http.PostAsync(
                new Uri(node.Url, "/v1/explain"),
                Json("""{"namespace":"asked","resources":[{"type":"read","path":["a"]}]}""")
            )
        );

    private static async Task<string> RevokeAsync(NodeProcess node)
    {
        var answer = await JsonAsync(
            await Http.PostAsync(
                new Uri(node.Url, "/v1/admin/revoke"),
                Json("""{"namespace":"asked","id":"1","reason":"a test","force":true}""")
            )
        );
        return answer.GetProperty("outcome").GetString()!;
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }
}
