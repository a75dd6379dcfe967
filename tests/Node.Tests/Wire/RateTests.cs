// Locks beyond a rate that a setting allows are refused, and the client is told when to come back.
using System.Text.RegularExpressions;

namespace RaftLocks.Node.Tests.Wire;

public partial class RateTests
{
    // On a slow machine some time passes between two locks, in which another one is allowed.
    private const int Enough = 500;
    private const string Extended = "&extensions=1";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Beyond_a_connections_rate_an_extended_client_is_told_when_to_come_back_and_may_come_then()
    {
        await using var node = await SingleNode.StartAsync(settings =>
            settings with
            {
                MaxConnectionLocksPerSecond = 1,
            }
        );
        var client = await node.ConnectExtendedAsync("rate", Extended);
        Assert.Contains("\"acquired\"", await LockAsync(client), StringComparison.Ordinal);
        var refused = await UntilRefusedAsync(client);
        Assert.StartsWith(
            """{"action":"lock","state":"ready","reason":"limit","limit":"rate","message":"too many locks a second (--max-connection-locks-per-second): """,
            refused,
            StringComparison.Ordinal
        );
        Assert.Matches(ComeBack(), refused);

        await AllowedAgainAsync(client);
    }

    [Fact]
    public async Task Beyond_the_rate_a_plain_connection_is_closed_with_1013()
    {
        await using var node = await SingleNode.StartAsync(settings =>
            settings with
            {
                MaxConnectionLocksPerSecond = 1,
            }
        );
        var client = await node.ConnectAsync("rate");
        for (var i = 0; i < Enough && !client.Ended.IsCompleted; i++)
        {
            try
            {
                await client.SendLockAsync("a");
                await client.SendReleaseAsync();
            }
            catch (System.Net.WebSockets.WebSocketException)
            {
                // It is closed.
                break;
            }
        }

        var end = await client.Ended.WaitAsync(Bound);
        Assert.Equal(1013, end.Code);
        Assert.Matches(ComeBack(), end.Reason);
    }

    [Fact]
    public async Task The_clients_of_a_namespace_share_a_rate_and_those_of_others_have_their_own()
    {
        await using var node = await SingleNode.StartAsync(settings => settings with { MaxLocksPerSecond = 1 });
        var (one, two) = (
            await node.ConnectExtendedAsync("rate", Extended),
            await node.ConnectExtendedAsync("rate", Extended)
        );
        await UntilRefusedAsync(one);
        Assert.Contains("--max-locks-per-second", await UntilRefusedAsync(two), StringComparison.Ordinal);

        var other = await node.ConnectExtendedAsync("other", Extended);
        Assert.Contains("\"acquired\"", await LockAsync(other), StringComparison.Ordinal);
    }

    private static async Task<string> UntilRefusedAsync(WireClient client)
    {
        for (var i = 0; i < Enough; i++)
        {
            if (await LockAsync(client) is var answer && !answer.Contains("\"acquired\"", StringComparison.Ordinal))
            {
                return answer;
            }
        }

        throw new InvalidOperationException($"None of {Enough} locks was refused.");
    }

    private static async Task AllowedAgainAsync(WireClient client)
    {
        using var tooLong = new CancellationTokenSource(Bound);
        while (!(await LockAsync(client)).Contains("\"acquired\"", StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), tooLong.Token);
        }
    }

    // Locks, and gives it up again if it was acquired: that is never refused.
    private static async Task<string> LockAsync(WireClient client)
    {
        await client.SendLockAsync("a");
        var answer = await client.NextTextAsync();
        if (answer.Contains("\"acquired\"", StringComparison.Ordinal))
        {
            Assert.Equal("ready", (await client.ReleaseAsync()).State);
        }

        return answer;
    }

    [GeneratedRegex("try again in [1-9][0-9]* ms", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex ComeBack();
}
