// What a node that knows no leader answers to a client's handshake, and to what only resembles one.
using System.Net;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Tests.Http;

namespace RaftLocks.Node.Tests.Wire;

public class LeaderRedirectTests
{
    private const string Handshake =
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    [Theory]
    [InlineData("redirect")]
    [InlineData("proxy")]
    public async Task Without_a_leader_a_handshake_is_told_so_and_when_to_try_again(string mode)
    {
        await using var node = await LonelyAsync(Enum.Parse<FollowerMode>(mode, ignoreCase: true));
        using var handshake = new HttpRequestMessage(HttpMethod.Get, new Uri(node.Url, "/v1?namespace=n"));
        handshake.Headers.Connection.Add("Upgrade");
        handshake.Headers.Upgrade.ParseAdd("websocket");
        handshake.Headers.Add("Sec-WebSocket-Version", "13");
        handshake.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");

        using var answer = await node.Http.SendAsync(handshake);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(Limits.RetryAfterSeconds), answer.Headers.RetryAfter?.Delta);
        Assert.Equal("There is no leader at the moment: try again soon.\n", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("/v1?namespace=n", "localhost", 503)]
    [InlineData("/v1?namespace=n", "[::1]:9009", 503)]
    [InlineData("/v1?namespace=n", "", 400)]
    [InlineData("/v1?namespace=n", "localhost:99999", 400)]
    [InlineData("/v1?namespace=", "localhost", 400)]
    [InlineData("/v1", "localhost", 400)]
    [InlineData("/v1/cluster", "localhost", 200)]
    [InlineData("/v1/nothing?namespace=n", "localhost", 404)]
    public async Task Only_a_proper_handshake_is_for_the_leader(string target, string host, int status)
    {
        await using var node = await LonelyAsync(FollowerMode.Redirect);

        var answer = await RawRequest.SendAsync(node.Url, "GET", target, host, more: Handshake);

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 503, answer.Headers.ContainsKey("Retry-After"));
    }

    [Fact]
    public async Task A_request_that_is_no_handshake_is_told_what_this_address_speaks()
    {
        await using var node = await LonelyAsync(FollowerMode.Redirect);

        using var answer = await node.Http.GetAsync(new Uri(node.Url, "/v1?namespace=n"));

        Assert.Equal(HttpStatusCode.UpgradeRequired, answer.StatusCode);
    }

    // It waits for a member that is not there.
    private static Task<SingleNode> LonelyAsync(FollowerMode mode)
    {
        var nobody = new Uri("http://127.0.0.1:9");
        return SingleNode.StartAsync(
            settings =>
                settings with
                {
                    FollowerMode = mode,
                    Members =
                    [
                        settings.Members[0] with
                        {
                            RaftPort = 7009,
                        },
                        new Member("n2", "127.0.0.1", 9, nobody, nobody),
                    ],
                },
            serves: false
        );
    }
}
