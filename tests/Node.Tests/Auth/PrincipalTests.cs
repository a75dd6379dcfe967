// GET /v1/principal: whose token it is, and what it allows at that moment.
using System.Net;
using System.Text.Json;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Auth;

public class PrincipalTests
{
    private const string Page = "/v1/principal";

    [Fact]
    public async Task A_token_is_told_its_name_and_the_rules_of_all_its_policies_as_they_are_now()
    {
        await using var secured = await SecuredNode.StartAsync();
        var team = await secured.TokenAsync("team", SecuredNode.Rule("observe,revoke", "team-", isPrefix: true, "a"));

        var before = await secured.GetAsync(team, Page);
        await secured.SetPolicyAsync("team", SecuredNode.Rule("observe", "team"));
        var after = await secured.GetAsync(team, Page);

        Assert.Equal("team", after.GetProperty("name").GetString());
        Assert.Equal(
            """[{"verbs":["observe","revoke"],"namespace":"team-","prefix":true,"path":["a"]}]""",
            before.GetProperty("rules").GetRawText()
        );
        Assert.Equal(
            """[{"verbs":["observe"],"namespace":"team","prefix":false,"path":[]}]""",
            after.GetProperty("rules").GetRawText()
        );
    }

    [Fact]
    public async Task Whoever_has_no_token_may_do_all_until_authentication_is_on_and_then_is_refused()
    {
        await using var node = await SingleNode.StartAsync();
        var (open, body) = await SecuredNode.AskAsync(node, null, HttpMethod.Get, Page);
        Assert.Equal(HttpStatusCode.OK, open);
        Assert.Equal("anonymous", JsonDocument.Parse(body).RootElement.GetProperty("name").GetString());

        await using var secured = await SecuredNode.StartAsync();
        foreach (var secret in new[] { null, "nonsense" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await secured.AskAsync(secret, HttpMethod.Get, Page)).Status);
        }
    }
}
