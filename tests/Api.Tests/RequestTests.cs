// What is asked: pages, queries and bodies, byte for byte.
using System.Text;

namespace RaftLocks.Api.Tests;

public class RequestTests
{
    [Fact]
    public void Queries_have_the_parameters_that_were_given_and_no_others()
    {
        Assert.Equal("/v1/locks?namespace=a%20b", ApiRequests.Locks(new LocksRequest("a b")).Path);
        Assert.Equal(
            "/v1/locks?namespace=n&path=%5B%22a%22%5D&scope=above&state=acquired&limit=7&cursor=3",
            ApiRequests
                .Locks(
                    new LocksRequest("n")
                    {
                        Path = """["a"]""",
                        Scope = "above",
                        State = RequestState.Acquired,
                        Limit = 7,
                        Cursor = "3",
                    }
                )
                .Path
        );
        Assert.Equal("/v1/namespaces?limit=5", ApiRequests.Namespaces(5, null).Path);
        Assert.Equal("/v1/fence?namespace=n&id=7", ApiRequests.Fence("n", "7").Path);
        Assert.Equal(
            "/v1/history?namespace=n&id=7&limit=2&order=oldest",
            ApiRequests
                .History(
                    new HistoryRequest
                    {
                        Namespace = "n",
                        Id = "7",
                        Limit = 2,
                        Order = "oldest",
                    }
                )
                .Path
        );
        Assert.Equal(
            "/v1/history/stream?session=s",
            ApiRequests
                .HistoryStream(
                    new HistoryRequest
                    {
                        Session = "s",
                        Limit = 2,
                        Cursor = "x",
                    },
                    after: null
                )
                .Path
        );
        Assert.Equal("/v1/cluster", ApiRequests.Cluster().Path);
        Assert.Equal("/v1/cluster?recent", ApiRequests.Cluster(recent: true).Path);
        Assert.Equal("/v1/admin/members/a%2Fb?force=true", ApiRequests.RemoveMember("a/b", force: true).Path);
        Assert.Equal("/v1/admin/members/n2", ApiRequests.RemoveMember("n2", force: false).Path);
    }

    [Fact]
    public async Task Bodies_are_as_the_node_reads_them()
    {
        Assert.Equal("""{"member":"n4,h:1,http://h"}""", await BodyAsync(ApiRequests.AddMember("n4,h:1,http://h")));
        Assert.Equal(
            """{"namespace":"n","id":"7"}""",
            await BodyAsync(ApiRequests.Explain(new ExplainRequest("n", "7", null)))
        );
        Assert.Equal(
            """{"namespace":"n","resources":[{"type":"write","path":["a","b"]}]}""",
            await BodyAsync(ApiRequests.Explain(new ExplainRequest("n", null, [new Resource("write", ["a", "b"])])))
        );
        Assert.Equal(
            """{"namespace":"n","id":"7","reason":"stuck","graceMs":3000,"force":false}""",
            await BodyAsync(
                ApiRequests.Revoke(() => new RevokeRequest("n", "7", "stuck", 3000, Force: false), TimeSpan.Zero)
            )
        );
    }

    private static async Task<string> BodyAsync(ApiRequest request)
    {
        using var body = request.Body!();
        Assert.Equal("application/json; charset=utf-8", body.Headers.ContentType!.ToString());
        return Encoding.UTF8.GetString(await body.ReadAsByteArrayAsync());
    }
}
