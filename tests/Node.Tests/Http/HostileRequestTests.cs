// Requests that mean no good: under a name that was made to point here, with two answers to one question, or byte by
// byte.
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using RaftLocks.Node.Http;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Http;

public class HostileRequestTests
{
    [Theory]
    [InlineData("rebound.example", HttpStatusCode.Forbidden)]
    [InlineData("localhost.rebound.example", HttpStatusCode.Forbidden)]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("[::1]:9009", HttpStatusCode.OK)]
    [InlineData("10.0.0.7", HttpStatusCode.OK)]
    public async Task Without_a_token_nobody_administers_under_a_foreign_name(string host, HttpStatusCode expected)
    {
        await using var node = await SingleNode.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node.Url, "/v1/admin/members"));
        request.Headers.Host = host;

        Assert.Equal(expected, (await node.Http.SendAsync(request)).StatusCode);
    }

    [Theory]
    [InlineData("/v1/admin/revoke", """{"namespace":"n","id":"1","id":"2","reason":"r"}""")]
    [InlineData("/v1/explain", """{"namespace":"n","namespace":"m","id":"1"}""")]
    public async Task Two_answers_to_one_question_are_none(string page, string body)
    {
        await using var node = await SingleNode.StartAsync();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        var answer = await node.Http.PostAsync(new Uri(node.Url, page), content);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("Duplicate", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_request_has_a_pace_to_keep_until_it_is_upgraded()
    {
        var pace = new Pace();
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpMinRequestBodyDataRateFeature>(pace);
        context.Features.Set<IHttpMinResponseDataRateFeature>(pace.Answer);

        await ClientDataRates.Bound(context, _ => Task.CompletedTask);
        Assert.True(pace.MinDataRate!.BytesPerSecond > 0);
        Assert.True(pace.Answer.MinDataRate!.BytesPerSecond > 0);

        ClientDataRates.Lift(pace.Answer);
        Assert.Null(pace.Answer.MinDataRate);
    }

    private sealed class Pace : IHttpMinRequestBodyDataRateFeature
    {
        public MinDataRate? MinDataRate { get; set; }

        public AnswerPace Answer { get; } = new();
    }

    private sealed class AnswerPace : IHttpMinResponseDataRateFeature
    {
        public MinDataRate? MinDataRate { get; set; }
    }
}
