// No one reader shuts out the others: streams and queries are counted for each principal or address.
using System.Net;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Tests.Auth;

public class ReaderLimitTests
{
    [Fact]
    public void One_reader_has_its_part_and_all_together_have_the_whole()
    {
        var limit = new ReaderLimit(inAll: 3, each: 2);
        Assert.Equal(ReaderEntry.Admitted, limit.Enter("a"));
        Assert.Equal(ReaderEntry.Admitted, limit.Enter("a"));
        Assert.Equal(ReaderEntry.ReaderHasTooMany, limit.Enter("a"));
        Assert.Equal(ReaderEntry.Admitted, limit.Enter("b"));
        Assert.Equal(ReaderEntry.AllHaveTooMany, limit.Enter("b"));
        Assert.Equal(3, limit.Count);

        limit.Leave("a");
        Assert.Equal(ReaderEntry.Admitted, limit.Enter("b"));
        limit.Leave("a");
        Assert.Equal(ReaderEntry.Admitted, limit.Enter("a"));
    }

    [Fact]
    public async Task A_token_with_as_many_streams_as_it_may_have_shuts_out_nobody_else()
    {
        await using var secured = await SecuredNode.StartAsync();
        var greedy = await secured.TokenAsync("greedy", SecuredNode.Rule("history", "", isPrefix: true));
        var polite = await secured.TokenAsync("polite", SecuredNode.Rule("history", "", isPrefix: true));
        var streams = new List<HttpResponseMessage>();
        try
        {
            for (var i = 0; i < Limits.MaxHistoryStreamsOfReader; i++)
            {
                streams.Add(await OpenAsync(secured, greedy));
                Assert.Equal(HttpStatusCode.OK, streams[^1].StatusCode);
            }

            streams.Add(await OpenAsync(secured, greedy));
            Assert.Equal(HttpStatusCode.TooManyRequests, streams[^1].StatusCode);
            Assert.Contains("end one first", await streams[^1].Content.ReadAsStringAsync(), StringComparison.Ordinal);
            streams.Add(await OpenAsync(secured, polite));
            Assert.Equal(HttpStatusCode.OK, streams[^1].StatusCode);

            // Whoever ends one may have another.
            streams[0].Dispose();
            await Eventually.HoldsAsync(async () =>
            {
                var again = await OpenAsync(secured, greedy);
                streams.Add(again);
                return again.StatusCode == HttpStatusCode.OK;
            });
        }
        finally
        {
            streams.ForEach(stream => stream.Dispose());
        }
    }

    private static Task<HttpResponseMessage> OpenAsync(SecuredNode secured, string secret)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(secured.Node.Url, "/v1/history/stream"));
        request.Headers.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", secret);
        return secured.Node.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
