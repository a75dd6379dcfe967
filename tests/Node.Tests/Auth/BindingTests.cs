// Tokens without a secret: names that a certificate or a JWT proves, and the policies that they have.
using System.Net;
using FsCheck;
using FsCheck.Xunit;
using RaftLocks.Api;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Tests.Auth;

public class BindingTests
{
    private const string Tokens = "/v1/admin/auth/tokens";

    [Fact]
    public async Task A_binding_has_no_secret_is_listed_and_keeps_its_policy_until_it_is_deleted()
    {
        await using var secured = await SecuredNode.StartAsync();
        await secured.SetPolicyAsync("team", SecuredNode.Rule("observe", "team"));
        await secured.BindAsync("cert:ann", "team");

        var list = await secured.GetAsync(secured.Root, Tokens);
        Assert.Contains("\"cert:ann\"", list.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, await DeleteAsync(secured, "/v1/admin/auth/policies/team"));
        Assert.Equal(HttpStatusCode.OK, await DeleteAsync(secured, Tokens + "/cert:ann"));
        Assert.Equal(HttpStatusCode.OK, await DeleteAsync(secured, "/v1/admin/auth/policies/team"));
    }

    [Theory]
    [InlineData("/rotate of a binding", Tokens + "/cert:ann/rotate", """{"overlapSeconds":0}""")]
    [InlineData("a first token", "/v1/admin/auth/init", """{"name":"cert:ann"}""")]
    [InlineData("no name", Tokens, """{"name":"cert:","policies":["admin"]}""")]
    [InlineData("a space", Tokens, """{"name":"cert:a b","policies":["admin"]}""")]
    [InlineData("half an escape", Tokens, """{"name":"jwt:a~2","policies":["admin"]}""")]
    [InlineData("an escape in small letters", Tokens, """{"name":"jwt:a~2f","policies":["admin"]}""")]
    [InlineData("no string", Tokens, """{"name":null,"policies":["admin"]}""")]
    public async Task What_makes_no_sense_for_a_binding_is_refused_with_a_sentence(
        string what,
        string page,
        string body
    )
    {
        await using var secured = await SecuredNode.StartAsync();
        var (status, said) = await secured.AskAsync(secured.Root, HttpMethod.Post, page, body);

        Assert.Equal((what, HttpStatusCode.BadRequest), (what, status));
        Assert.EndsWith(".\n", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_binding_that_has_expired_gives_nothing_any_more()
    {
        using var issuer = new TestIssuer();
        var time = new ShiftedTime();
        await using var secured = await SecuredNode.StartAsync(
            change: settings =>
                settings with
                {
                    Jwt = new JwtSettings
                    {
                        Issuer = issuer.Url,
                        Audiences = [TestIssuer.Audience],
                        KeysFile = issuer.KeysFile,
                    },
                },
            time: time
        );
        var (status, _) = await secured.AskAsync(
            secured.Root,
            HttpMethod.Post,
            Tokens,
            """{"name":"jwt:ann","policies":["admin"],"lifetimeSeconds":600}"""
        );
        Assert.Equal(HttpStatusCode.OK, status);
        using var client = await secured.ConnectAsync(issuer.For("ann"), "n", "&extensions=1");
        Assert.Equal("acquired", (await client.LockAsync("a")).State);
        Assert.Equal("ready", (await client.ReleaseAsync()).State);

        time.Shift(TimeSpan.FromMinutes(11));

        await client.SendLockAsync("a");
        Assert.Contains("rights", await client.NextTextAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ann", "cert:ann")]
    [InlineData("John Smith", "cert:John~20Smith")]
    [InlineData("spiffe://td/ns", "cert:spiffe:~2F~2Ftd~2Fns")]
    [InlineData("a~20b", "cert:a~7E20b")]
    [InlineData("ä\n", "cert:~C3~A4~0A")]
    public void Each_name_is_written_in_one_way_that_no_other_name_has(string said, string written)
    {
        Assert.Equal(written, BoundNames.Of(BoundNames.OfCertificate, said));
        Assert.True(BoundNames.IsWritten(written));
    }

    [Property]
    public bool Two_names_are_written_alike_only_if_they_are_the_same_and_as_a_person_would_type_them(
        NonNull<string> one,
        NonNull<string> other
    )
    {
        var (first, second) = (Written(one.Get), Written(other.Get));
        return (first is null || (BoundNames.Typed(first) == first && first.All(IsSafe)))
            && (first is null || first != second || one.Get == other.Get);

        static string? Written(string said) => BoundNames.Of(BoundNames.OfJwt, said);
        static bool IsSafe(char letter) => letter is '~' || BoundNames.IsPlain(letter);
    }

    [Fact]
    public void What_is_no_text_is_no_name() =>
        Assert.Null(BoundNames.Of(BoundNames.OfCertificate, "half of a pair: \ud800"));

    [Theory]
    [InlineData("cert:John Smith", "cert:John~20Smith")]
    [InlineData("cert:John~20Smith", "cert:John~20Smith")]
    [InlineData("group:/a/~b", "group:~2Fa~2F~7Eb")]
    [InlineData("billing worker", "billing worker")]
    public void A_name_that_a_person_types_is_brought_into_that_form(string typed, string written) =>
        Assert.Equal(written, BoundNames.Typed(typed));

    private static async Task<HttpStatusCode> DeleteAsync(SecuredNode secured, string page) =>
        (await secured.AskAsync(secured.Root, HttpMethod.Delete, page)).Status;
}
