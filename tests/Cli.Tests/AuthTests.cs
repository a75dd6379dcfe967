// "raftlocks auth", against a node of its own: from the first token to a refusal.
using RaftLocks.Cli.Shared;
using RaftLocks.Client;

namespace RaftLocks.Cli.Tests;

public sealed class AuthTests(OneNode node) : IClassFixture<OneNode>
{
    [Fact]
    public async Task A_team_gets_a_token_locks_with_it_and_is_refused_elsewhere()
    {
        var root = await SecretAsync(null, "auth", "init", "--name", "ops");
        Assert.Equal(ExitCodes.Failed, (await RunAsync(null, "ls", "--namespace", "team")).Code);
        Assert.Equal(
            0,
            (await RunAsync(root, "auth", "policy", "create", "p", "--allow", "lock,observe team* a")).Code
        );
        var team = await SecretAsync(root, "auth", "token", "create", "t", "--policy", "p", "--expires", "1d");

        await using (
            var client = new RaftLocksClient(
                new RaftLocksOptions
                {
                    Nodes = [node.Node.Url],
                    Namespace = "team-1",
                    Token = team,
                }
            )
        )
        {
            await using var held = await client.AcquireAsync(LockResource.Write("a", "b"));
            var refused = await Assert.ThrowsAsync<LockRefusedException>(() =>
                client.AcquireAsync(LockResource.Write("c"))
            );
            Assert.Equal(RefusalReason.NoRight, refused.Reason);
            var seen = await RunAsync(team, "ls", "--namespace", "team-1");
            Assert.Contains("t: ", seen.Out, StringComparison.Ordinal);
        }

        var rotated = await SecretAsync(root, "auth", "token", "rotate", "t", "--overlap", "1h");
        Assert.Equal(0, (await RunAsync(team, "ls", "--namespace", "team-1")).Code);
        Assert.Equal(0, (await RunAsync(rotated, "ls", "--namespace", "team-1")).Code);
        Assert.Contains(
            "lock-read, lock-write, observe",
            (await RunAsync(root, "auth", "policy", "list")).Out,
            StringComparison.Ordinal
        );
        var tokens = await RunAsync(root, "auth", "token", "list");
        Assert.Contains("t ", tokens.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(rotated, tokens.Out, StringComparison.Ordinal);

        Assert.Equal(ExitCodes.Failed, (await RunAsync(rotated, "auth", "token", "list")).Code);
        Assert.Equal(0, (await RunAsync(root, "auth", "token", "delete", "t")).Code);
        Assert.Equal(ExitCodes.Failed, (await RunAsync(rotated, "ls", "--namespace", "team-1")).Code);

        // A name that a certificate proves has no secret, and is written so that it can stand anywhere.
        string[] bound = ["auth", "token", "create", "cert:John Smith", "--policy", "p"];
        var binding = await RunAsync(root, bound);
        Assert.Contains("cert:John~20Smith has these policies", binding.Out, StringComparison.Ordinal);
        Assert.Contains(
            "cert:John~20Smith",
            (await RunAsync(root, "auth", "token", "list")).Out,
            StringComparison.Ordinal
        );
        Assert.Equal(ExitCodes.WrongUsage, (await RunAsync(root, "auth", "token", "rotate", "cert:John Smith")).Code);
        Assert.Equal(0, (await RunAsync(root, "auth", "token", "delete", "cert:John Smith")).Code);
        Assert.Equal(0, (await RunAsync(root, "auth", "policy", "delete", "p")).Code);
        Assert.Contains(
            "no token",
            (await RunAsync(root, "auth", "token", "delete", "t")).Error,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("lock n", "lock-read,lock-write", "n", false, "")]
    [InlineData("all *", "lock-read,lock-write,observe,history,revoke,admin", "", true, "")]
    [InlineData("observe,observe  n*  a/b c", "observe", "n", true, "a/b c")]
    public void A_rule_is_read_as_it_is_meant(string text, string verbs, string space, bool isPrefix, string path)
    {
        var rule = PolicyRules.Parse(text);
        Assert.Equal(
            (verbs, space, isPrefix, path),
            (string.Join(',', rule.Verbs), rule.Namespace, rule.Prefix, PolicyRules.Format(rule.Path!))
        );
    }

    [Theory]
    [InlineData("lock")]
    [InlineData("")]
    [InlineData("lock n a//b")]
    public void What_is_no_rule_is_wrong_usage(string text) =>
        Assert.Throws<UsageException>(() => PolicyRules.Parse(text));

    private Task<Outcome> RunAsync(string? secret, params string[] arguments) =>
        Commands.RunAsync(node.Node, secret is null ? arguments : [.. arguments, "--token", secret]);

    private async Task<string> SecretAsync(string? secret, params string[] arguments)
    {
        var outcome = await RunAsync(secret, arguments);
        Assert.True(outcome.Code == 0, outcome.Error);
        return outcome.Out.Trim();
    }
}
