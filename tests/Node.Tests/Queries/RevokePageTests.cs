// An operator takes a lock away, over HTTP: what the client hears, what the operator is answered, and who may.
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using RaftLocks.Journal;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Queries;

public class RevokePageTests
{
    private const string Token = "an admin token for tests";

    [Fact]
    public async Task By_force_the_lock_passes_on_at_once_and_the_reason_is_in_the_history()
    {
        await using var node = await SingleNode.StartAsync(settings =>
            settings with
            {
                Journal = new JournalOptions
                {
                    Directory = Path.Combine(settings.DataDirectory, JournalFolder.Name),
                    Node = settings.Name,
                    KeepFreeBytes = 0,
                },
            }
        );
        var holder = await node.ConnectAsync("forced");
        await holder.LockAsync("a");
        var waiter = await node.ConnectAsync("forced");
        await waiter.LockAsync("a");

        Assert.Equal(
            "revoked",
            await RevokeAsync(node, """{"namespace":"forced","id":"1","reason":"stuck Ω","force":true}""")
        );

        Assert.Equal("acquired", (await waiter.NextAsync()).State);
        var end = await holder.EndAsync();
        Assert.Equal(3002, end.Code);
        Assert.Contains("stuck Ω", end.Reason, StringComparison.Ordinal);
        Assert.Equal("gone", await RevokeAsync(node, """{"namespace":"forced","id":1,"reason":"again"}"""));
        var told = (
            await node.Http.GetFromJsonAsync<JsonElement>(new Uri(node.Url, "/v1/history?namespace=forced&id=1"))
        ).GetProperty("events")[0];
        Assert.Equal(
            ("revoked", "stuck Ω"),
            (told.GetProperty("event").GetString(), told.GetProperty("reason").GetString())
        );
    }

    [Fact]
    public async Task With_a_grace_the_call_waits_until_the_client_gives_up()
    {
        await using var node = await SingleNode.StartAsync();
        using var holder = await WireClient.ConnectAsync(node.Url, "grace", 60_000, extensions: "&extensions=1");
        await holder.LockAsync("a");

        var revoke = RevokeAsync(node, """{"namespace":"grace","id":"1","reason":"please","graceMs":600000}""");

        using (var told = JsonDocument.Parse(await holder.NextTextAsync()))
        {
            Assert.Equal("revoke", told.RootElement.GetProperty("action").GetString());
            Assert.Equal(
                (600_000, "please"),
                (told.RootElement.GetProperty("graceMs").GetInt32(), told.RootElement.GetProperty("reason").GetString())
            );
        }

        Assert.False(revoke.IsCompleted);
        Assert.Equal("ready", (await holder.ReleaseAsync()).State);
        Assert.Equal("released", await revoke.WaitAsync(WireClient.WaitBound));
        Assert.Equal("acquired", (await holder.LockAsync("a")).State);
    }

    [Fact]
    public async Task A_node_that_stops_leaves_nobody_waiting_for_an_answer()
    {
        await using var node = await SingleNode.StartAsync();
        using var holder = await WireClient.ConnectAsync(node.Url, "stops", 60_000, extensions: "&extensions=1");
        await holder.LockAsync("a");
        var revoke = PostAsync(node, """{"namespace":"stops","id":"1","reason":"please","graceMs":600000}""");
        await holder.NextTextAsync();

        await node.StopAsync().WaitAsync(WireClient.WaitBound);

        var answer = await revoke.WaitAsync(WireClient.WaitBound);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("ask again", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"id":"1","reason":"r"}""", "namespace")]
    [InlineData("""{"namespace":"a","reason":"r"}""", "id")]
    [InlineData("""{"namespace":"a","id":"1"}""", "reason")]
    [InlineData("""{"namespace":"a","id":"1","reason":"r","graceMs":-1}""", "graceMs")]
    [InlineData("""{"namespace":"a","id":"1","reason":"r","graceMs":3600001}""", "graceMs")]
    [InlineData("""{"namespace":"a","id":"1","reason":"r","force":"yes"}""", "force")]
    [InlineData("revoke it", "JSON")]
    public async Task A_bad_question_is_answered_400_with_a_sentence(string question, string named)
    {
        await using var node = await SingleNode.StartAsync();

        var answer = await PostAsync(node, question);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(named, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_administrators_may()
    {
        await using var node = await SingleNode.StartAsync(settings => settings with { AdminToken = Token });
        await (await node.ConnectAsync("guarded")).LockAsync("a");
        const string Question = """{"namespace":"guarded","id":"1","reason":"r","force":true}""";
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(node, Question)).StatusCode);
        node.Http.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        Assert.Equal("revoked", await RevokeAsync(node, Question));
    }

    private static async Task<string> RevokeAsync(SingleNode node, string question)
    {
        var answer = await PostAsync(node, question);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("outcome").GetString()!;
    }

    private static Task<HttpResponseMessage> PostAsync(SingleNode node, string question) =>
        node.Http.PostAsync(
            new Uri(node.Url, "/v1/admin/revoke"),
            new StringContent(question, Encoding.UTF8, "application/json")
        );
}
