// What a lock takes of the memory of every node has budgets: one that is full refuses the lock, and nothing else.
using RaftLocks.Node.Tests.Auth;

namespace RaftLocks.Node.Tests.Wire;

public class BudgetTests
{
    private const string Extended = "&extensions=1";

    [Fact]
    public async Task A_lock_that_would_take_far_more_memory_than_its_message_is_refused()
    {
        await using var node = await SingleNode.StartAsync();
        var client = await node.ConnectExtendedAsync("deep", Extended);
        var plain = await node.ConnectAsync("deep");

        await client.SendAsync(Lock("a", resources: 250, depth: 50));
        await plain.SendAsync(Lock("a", resources: 250, depth: 50));

        Assert.Equal(
            """{"action":"lock","state":"ready","reason":"limit","limit":"request-memory","message":"this lock would take too much memory (--max-request-kb): lock fewer or shorter paths"}""",
            await client.NextTextAsync()
        );
        var end = await plain.EndAsync();
        Assert.Equal(1013, end.Code);
        Assert.Contains("--max-request-kb", end.Reason, StringComparison.Ordinal);
        await client.SendAsync(Lock("a", resources: 250, depth: 3));
        Assert.Contains("acquired", await client.NextTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_has_a_budget_and_a_release_gives_it_back()
    {
        await using var node = await SingleNode.StartAsync(settings => settings with { MaxSessionMb = 1 });
        var client = await node.ConnectExtendedAsync("budget", Extended);
        var other = await node.ConnectExtendedAsync("budget", Extended);
        await client.SendAsync(Lock("a", "1"));
        Assert.Contains("acquired", await client.NextTextAsync(), StringComparison.Ordinal);

        await client.SendAsync(Lock("b", "2"));
        Assert.Contains("--max-session-mb", await client.NextTextAsync(), StringComparison.Ordinal);
        await other.SendAsync(Lock("b"));
        Assert.Contains("acquired", await other.NextTextAsync(), StringComparison.Ordinal);

        await client.SendAsync("""{"action":"release","channel":"1"}""");
        await client.NextTextAsync();
        await client.SendAsync(Lock("c", "2"));
        Assert.Contains("acquired", await client.NextTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_namespace_s_budget_is_full_for_that_namespace_only_and_still_after_a_restart()
    {
        await using var node = await SingleNode.StartAsync(settings => settings with { MaxNamespaceMb = 1 });
        var holder = await node.ConnectExtendedAsync("one", Extended, abandonTimeoutMs: 600_000);
        await holder.SendAsync(Lock("a"));
        Assert.Contains("acquired", await holder.NextTextAsync(), StringComparison.Ordinal);

        await node.RestartAsync();

        var client = await node.ConnectExtendedAsync("one", Extended);
        var other = await node.ConnectExtendedAsync("other", Extended);
        await client.SendAsync(Lock("b"));
        var refused = await client.NextTextAsync();
        Assert.Contains("\"limit\":\"memory\"", refused, StringComparison.Ordinal);
        Assert.Contains("--max-namespace-mb", refused, StringComparison.Ordinal);
        await other.SendAsync(Lock("b"));
        Assert.Contains("acquired", await other.NextTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_locks_together_have_a_budget()
    {
        await using var node = await SingleNode.StartAsync(settings => settings with { MaxLiveMb = 1 });
        var holder = await node.ConnectExtendedAsync("one", Extended);
        var client = await node.ConnectExtendedAsync("other", Extended);
        await holder.SendAsync(Lock("a"));
        Assert.Contains("acquired", await holder.NextTextAsync(), StringComparison.Ordinal);

        await client.SendAsync(Lock("b"));

        Assert.Contains("--max-live-mb", await client.NextTextAsync(), StringComparison.Ordinal);
        Assert.Equal("ready", (await holder.ReleaseAsync()).State);
        await client.SendAsync(Lock("b"));
        Assert.Contains("acquired", await client.NextTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_principal_has_one_budget_in_all_namespaces()
    {
        await using var secured = await SecuredNode.StartAsync(change: settings =>
            settings with
            {
                MaxPrincipalMb = 1,
            }
        );
        var team = await secured.TokenAsync("team", SecuredNode.Rule("lock-write", "", isPrefix: true));
        using var holder = await secured.ConnectAsync(team, "one", Extended);
        using var client = await secured.ConnectAsync(team, "other", Extended);
        using var root = await secured.ConnectAsync(secured.Root, "other", Extended);
        await holder.SendAsync(Lock("a"));
        Assert.Contains("acquired", await holder.NextTextAsync(), StringComparison.Ordinal);

        await client.SendAsync(Lock("b"));

        Assert.Contains("--max-principal-mb", await client.NextTextAsync(), StringComparison.Ordinal);
        await root.SendAsync(Lock("b"));
        Assert.Contains("acquired", await root.NextTextAsync(), StringComparison.Ordinal);
    }

    private static string Lock(string name, string? channel = null, int resources = 200, int depth = 10)
    {
        var path = string.Concat(Enumerable.Repeat(",\"d\"", depth - 1));
        var all = Enumerable.Range(0, resources).Select(i => $$"""{"type":"write","path":["{{name}}{{i}}"{{path}}]}""");
        var field = channel is null ? "" : $",\"channel\":\"{channel}\"";
        return $$"""{"action":"lock"{{field}},"resources":[{{string.Join(",", all)}}]}""";
    }
}
