// Handshakes over real HTTP: redirects, refusals, what is said in the query.
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using RaftLocks.Client.Tests.Scripted;
using RaftLocks.Client.Wire;
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Client.Tests;

public class ConnectorTests
{
    [Fact]
    public async Task A_follower_s_redirect_is_followed_to_the_leader_and_a_lock_goes_through()
    {
        await using var leader = await ScriptedNode.StartAsync(context =>
            ScriptedNode.ServeAsync(context, """{"action":"resume","state":"ready"}""", Answer)
        );
        await using var follower = await ScriptedNode.StartAsync(context =>
        {
            context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            context.Response.Headers.Location =
                $"ws://{leader.Url.Authority}{context.Request.Path}{context.Request.QueryString}";
            return Task.CompletedTask;
        });
        await using var locks = new RaftLocksClient(
            new RaftLocksOptions
            {
                Nodes = [follower.Url],
                Namespace = "a&b ü",
                Label = "job 7",
                AbandonTimeout = TimeSpan.FromSeconds(30),
            }
        );

        await using (var held = await locks.AcquireAsync(Write("ü", "\"\n")))
        {
            Assert.Equal(5UL, held.FencingToken);
            Assert.True(locks.IsConnected);
        }

        Assert.Matches(
            @"^\?namespace=a%26b%20%C3%BC&abandon-timeout-ms=30000&session=[0-9a-f]{64}&extensions=1&label=job%207$",
            Assert.Single(leader.Queries)
        );
    }

    [Fact]
    public async Task A_token_goes_to_the_listed_nodes_only_and_a_leader_that_is_none_is_named()
    {
        var heard = new List<string>();
        await using var leader = await ScriptedNode.StartAsync(context =>
        {
            heard.Add("leader:" + context.Request.Headers.Authorization);
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        });
        await using var follower = await ScriptedNode.StartAsync(context =>
        {
            heard.Add("follower:" + context.Request.Headers.Authorization);
            context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            context.Response.Headers.Location = $"ws://{leader.Url.Authority}/v1";
            return Task.CompletedTask;
        });

        var options = new RaftLocksOptions { Nodes = [follower.Url], Token = "rl_secret" };
        var failed = await Assert.ThrowsAsync<ConnectException>(() => ConnectAsync(follower.Url, options));

        Assert.Equal(["follower:Bearer rl_secret", "leader:"], heard);
        Assert.True(failed.IsFinal);
        Assert.Contains("give that address too", failed.Message, StringComparison.Ordinal);

        heard.Clear();
        options.Nodes = [follower.Url, leader.Url];
        await Assert.ThrowsAsync<ConnectException>(() => ConnectAsync(follower.Url, options));
        Assert.Equal(["follower:Bearer rl_secret", "leader:Bearer rl_secret"], heard);
    }

    [Fact]
    public async Task Redirects_in_a_circle_end()
    {
        ScriptedNode? self = null;
        await using var node = self = await ScriptedNode.StartAsync(context =>
        {
            context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            context.Response.Headers.Location = $"ws://{self!.Url.Authority}/v1";
            return Task.CompletedTask;
        });

        var failed = await Assert.ThrowsAsync<ConnectException>(() => ConnectAsync(node.Url));

        Assert.False(failed.IsFinal);
        Assert.Equal(4, node.Queries.Count);
    }

    [Theory]
    [InlineData(503, false)]
    [InlineData(500, false)]
    [InlineData(400, true)]
    [InlineData(404, true)]
    public async Task A_refusal_says_whether_to_try_again(int status, bool isFinal)
    {
        await using var node = await ScriptedNode.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("Give the parameter 'namespace' once.");
        });

        var failed = await Assert.ThrowsAsync<ConnectException>(() => ConnectAsync(node.Url));

        Assert.Equal(isFinal, failed.IsFinal);
        Assert.Contains($"{status}", failed.Message, StringComparison.Ordinal);
        Assert.Equal(isFinal, failed.Message.Contains("Give the parameter", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_worth_another_try() =>
        Assert.False(
            (
                await Assert.ThrowsAsync<ConnectException>(() =>
                    ConnectAsync(new Uri($"http://127.0.0.1:{FreePorts.Take(1)[0]}"))
                )
            ).IsFinal
        );

    // As the client does it: blocking a thread of its own.
    private static Task<IWire> ConnectAsync(Uri node, RaftLocksOptions? options = null) =>
        Task.Factory.StartNew(
            () =>
                new WebSocketConnector(options ?? new RaftLocksOptions { Nodes = [node] }, new string('a', 64)).Connect(
                    node,
                    CancellationToken.None
                ),
            TaskCreationOptions.LongRunning
        );

    private static string Answer(string message)
    {
        var json = JsonDocument.Parse(message).RootElement;
        return json.GetProperty("action").GetString() switch
        {
            "ping" => $$"""{"action":"pong","t":"{{json.GetProperty("t").GetString()}}"}""",
            "lock" => ScriptedWire.Reply(json.GetProperty("channel").GetString()!, 5, "lock", "acquired"),
            _ => ScriptedWire.Reply(json.GetProperty("channel").GetString()!, 5, "release", "ready"),
        };
    }
}
