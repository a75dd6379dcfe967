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

    public static TheoryData<string, byte[]> BadBodies
    {
        get
        {
            var bodies = new TheoryData<string, byte[]>();
            foreach (var page in new[] { "/v1/explain", "/v1/admin/revoke", "/v1/admin/members" })
            {
                bodies.Add(page, [.. "{\"resources\":[{\"type\":\""u8, 0xAF, .. "\",\"path\":[\"a\"]}]}"u8]);
                bodies.Add(page, """{"\ude00":1,"namespace":"n","id":"1"}"""u8.ToArray());
                bodies.Add(
                    page,
                    """{"namespace":"n","id":"1","reason":"x","\ud800":1,"member":"\ud800"}"""u8.ToArray()
                );
                bodies.Add(page, """{"namespace":"\ud800","id":"1","reason":"\udfff","member":"a"}"""u8.ToArray());
                bodies.Add(page, [0xFF, 0xFE, 0x7B, 0x00]);
                bodies.Add(page, []);
            }

            return bodies;
        }
    }

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task Bad_bytes_in_a_body_are_answered_400(string page, byte[] body)
    {
        await using var node = await SingleNode.StartAsync();
        using var content = new ByteArrayContent(body);

        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await node.Http.PostAsync(new Uri(node.Url, page), content)).StatusCode
        );
    }

    [Fact]
    public async Task With_administration_from_here_switched_off_nobody_administers_without_a_token()
    {
        const string token = "a-long-and-random-token";
        await using var off = await SingleNode.StartAsync(settings => settings with { AdminLocal = false });
        await using var tokens = await SingleNode.StartAsync(settings =>
            settings with
            {
                AdminLocal = false,
                AdminToken = token,
            }
        );
        using var told = new HttpRequestMessage(HttpMethod.Get, new Uri(tokens.Url, "/v1/admin/members"));
        told.Headers.Authorization = new("Bearer", token);

        var refused = await off.Http.GetAsync(new Uri(off.Url, "/v1/admin/members"));

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("--admin-local is off", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await tokens.Http.SendAsync(told)).StatusCode);
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
