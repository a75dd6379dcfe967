// JWTs as a way to say who one is: what they prove, what is refused and why, and when they end.
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Tests.Wire;

namespace RaftLocks.Node.Tests.Auth;

public sealed class JwtTests : IDisposable
{
    private const string Locks = "/v1/locks?namespace=team";
    private const string Lock = "lock-read,lock-write,observe";

    private readonly TestIssuer issuer = new();

    public void Dispose() => issuer.Dispose();

    [Fact]
    public async Task Whoever_shows_a_JWT_has_the_policies_of_its_name_in_whatever_way_it_is_shown()
    {
        await using var secured = await StartAsync();
        await secured.SetPolicyAsync("team", SecuredNode.Rule(Lock, "team"));
        await secured.BindAsync("jwt:ann", "team");
        var jwt = issuer.For("ann");

        using var byHeader = await secured.ConnectAsync(jwt, "team");
        Assert.Equal("acquired", (await byHeader.LockAsync("a")).State);
        using var browser = await secured.ConnectAsBrowserAsync(jwt, "team");
        Assert.Equal("acquired", (await browser.LockAsync("b")).State);
        var byQuery = await secured.Node.ConnectAsync("team", extensions: "&access_token=" + jwt);
        Assert.Equal("acquired", (await byQuery.LockAsync("c")).State);

        var (status, held) = await secured.AskAsync(jwt, HttpMethod.Get, Locks);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(3, held.Split("\"jwt:ann\"").Length - 1);
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await secured.AskAsync(jwt, HttpMethod.Get, "/v1/admin/auth/tokens")).Status
        );
    }

    [Fact]
    public async Task In_the_query_it_counts_only_where_a_setting_allows_it()
    {
        await using var secured = await StartAsync(settings => settings with { AllowQueryToken = false });
        await secured.BindAsync("jwt:ann", "admin");

        var refused = await Assert.ThrowsAsync<WebSocketException>(() =>
            secured.Node.ConnectAsync("team", extensions: "&access_token=" + issuer.For("ann"))
        );
        Assert.Contains("401", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_groups_have_policies_too_and_who_has_none_may_do_nothing()
    {
        await using var secured = await StartAsync();
        await secured.SetPolicyAsync("team", SecuredNode.Rule("observe", "team"));
        await secured.BindAsync("group:team~20one", "team");

        Assert.Equal(HttpStatusCode.OK, await AskAsync(secured, issuer.For("bob", "others", "team one")));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(secured, issuer.For("bob", "others")));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(secured, issuer.For("group:team~20one")));
    }

    [Fact]
    public async Task Claims_of_other_names_are_read_where_settings_say_so()
    {
        await using var secured = await StartAsync(settings =>
            settings with
            {
                Jwt = settings.Jwt! with { NameClaim = "email", GroupsClaim = "roles" },
            }
        );
        await secured.SetPolicyAsync("team", SecuredNode.Rule("observe", "team"));
        await secured.BindAsync("jwt:ann@example.com", "team");
        await secured.BindAsync("group:ops", "team");

        Assert.Equal(
            HttpStatusCode.OK,
            await AskAsync(secured, issuer.Jwt(claims => claims["email"] = "ann@example.com"))
        );
        Assert.Equal(
            HttpStatusCode.OK,
            await AskAsync(
                secured,
                issuer.Jwt(claims =>
                {
                    claims["email"] = "bob@example.com";
                    claims["roles"] = "ops";
                })
            )
        );
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(secured, issuer.For("ann@example.com", "ops")));
    }

    [Theory]
    [InlineData("exp", -3600L, "This JWT has expired.")]
    [InlineData("nbf", 1800L, "This JWT is not valid yet: compare the clocks.")]
    [InlineData("exp", null, "This JWT never expires (it has no 'exp'): it is not accepted.")]
    [InlineData("iss", "https://other.example", "This JWT is from another issuer than --jwt-issuer.")]
    [InlineData("iss", null, "This JWT is from another issuer than --jwt-issuer.")]
    [InlineData("aud", "others", "This JWT is for another audience than --jwt-audience.")]
    [InlineData("aud", null, "This JWT is for another audience than --jwt-audience.")]
    [InlineData("sub", null, "This JWT has no name: its 'sub' must be one text (--jwt-name).")]
    [InlineData("sub", "", "This JWT has no name: its 'sub' must be one text (--jwt-name).")]
    public async Task A_claim_that_is_wrong_is_named(string claim, object? value, string sentence)
    {
        await using var secured = await StartAsync();
        await secured.BindAsync("jwt:ann", "admin");
        var jwt = issuer.Jwt(claims =>
        {
            claims.Remove(claim);
            if (value is not null)
            {
                claims[claim] = value switch
                {
                    long seconds when claim is "exp" or "nbf" => DateTimeOffset.UtcNow.ToUnixTimeSeconds() + seconds,
                    _ => (string)value,
                };
            }
        });

        var (status, said) = await secured.AskAsync(jwt, HttpMethod.Get, Locks);

        Assert.Equal((HttpStatusCode.Unauthorized, sentence + "\n"), (status, said));
        await Assert.ThrowsAsync<WebSocketException>(() => secured.ConnectAsync(jwt, "team"));
    }

    [Fact]
    public async Task One_with_several_names_or_too_many_groups_or_too_long_a_name_is_refused()
    {
        await using var secured = await StartAsync();
        await secured.BindAsync("jwt:ann", "admin");
        foreach (
            var jwt in new[]
            {
                issuer.Jwt(claims => claims["sub"] = new JsonArray("ann", "bob")),
                issuer.For("ann", [.. Enumerable.Range(0, Limits.MaxJwtGroups + 1).Select(i => $"{i}")]),
                issuer.For(new string('a', 125)),
            }
        )
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(secured, jwt));
        }
    }

    [Fact]
    public async Task What_its_issuer_did_not_sign_is_refused()
    {
        await using var secured = await StartAsync();
        await secured.BindAsync("jwt:ann", "admin");
        using var stranger = new TestIssuer();
        var publicKey = Encoding.UTF8.GetBytes(issuer.Keys);
        var good = issuer.For("bob").Split('.');
        var forAnn = issuer.For("ann").Split('.');
        foreach (
            var jwt in new[]
            {
                stranger.For("ann"),
                issuer.Signed("none", _ => { }, _ => []),
                issuer.Signed("None", _ => { }, _ => []),
                issuer.Signed("none", _ => { }, issuer.Sign),
                issuer.Signed("HS256", _ => { }, said => HMACSHA256.HashData(publicKey, said)),
                issuer.Signed("HS256", _ => { }, said => HMACSHA256.HashData(Array.Empty<byte>(), said)),
                issuer.Signed("RS256", _ => { }, issuer.Sign),
                issuer.Signed("ES256", _ => { }, _ => new byte[64]),
                $"{good[0]}.{forAnn[1]}.{good[2]}",
                $"{forAnn[0]}.{forAnn[1]}.",
                "a.b.c",
                "..",
                $"{forAnn[0]}.{forAnn[1]}.{forAnn[2]}.{forAnn[2]}.{forAnn[2]}",
                new string('a', Limits.MaxJwtChars) + ".b.c",
            }
        )
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(secured, jwt));
        }

        Assert.Equal(HttpStatusCode.OK, await AskAsync(secured, string.Join('.', forAnn)));
    }

    [Fact]
    public async Task A_change_of_any_character_makes_it_worthless()
    {
        await using var secured = await StartAsync();
        await secured.BindAsync("jwt:ann", "admin");
        var good = issuer.For("ann");

        // But for the last one, some of whose bits mean nothing.
        for (var at = 0; at < good.Length - 1; at++)
        {
            var changed = good.ToCharArray();
            changed[at] = changed[at] == 'A' ? 'B' : 'A';
            Assert.Equal((at, HttpStatusCode.Unauthorized), (at, await AskAsync(secured, new string(changed))));
        }

        Assert.Equal(HttpStatusCode.OK, await AskAsync(secured, good));
    }

    [Fact]
    public async Task Where_no_issuer_is_named_no_JWT_counts()
    {
        await using var secured = await SecuredNode.StartAsync();
        await secured.BindAsync("jwt:ann", "admin");

        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(secured, issuer.For("ann")));
    }

    [Fact]
    public async Task It_ends_on_a_connection_that_is_open_too()
    {
        var time = new ShiftedTime();
        await using var secured = await StartAsync(time: time);
        await secured.SetPolicyAsync("team", SecuredNode.Rule(Lock, "team"));
        await secured.BindAsync("jwt:ann", "team");
        var jwt = issuer.For("ann");
        using var client = await secured.ConnectAsync(jwt, "team", "&extensions=1");
        Assert.Equal("acquired", (await client.LockAsync("a")).State);
        Assert.Equal("ready", (await client.ReleaseAsync()).State);

        time.Shift(TimeSpan.FromHours(1) + TimeSpan.FromMilliseconds(2 * Limits.JwtClockSkewMs));

        await client.SendLockAsync("a");
        Assert.Contains("\"limit\":\"rights\"", await client.NextTextAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(secured, jwt));
    }

    [Fact]
    public async Task A_change_of_what_it_may_do_is_in_force_on_a_connection_that_is_open()
    {
        await using var secured = await StartAsync();
        await secured.SetPolicyAsync("team", SecuredNode.Rule(Lock, "team"));
        using var client = await secured.ConnectAsync(await BoundAsync(secured), "team", "&extensions=1");
        Assert.Equal("acquired", (await client.LockAsync("a")).State);
        Assert.Equal("ready", (await client.ReleaseAsync()).State);

        await secured.SetPolicyAsync("team", SecuredNode.Rule(Lock, "team", false, "b"));
        await client.SendLockAsync("a");
        Assert.Contains("rights", await client.NextTextAsync(), StringComparison.Ordinal);
        Assert.Equal("acquired", (await client.LockAsync("b")).State);
        Assert.Equal("ready", (await client.ReleaseAsync()).State);

        var (deleted, _) = await secured.AskAsync(
            secured.Root,
            HttpMethod.Delete,
            "/v1/admin/auth/tokens/group:team~20one"
        );
        Assert.Equal(HttpStatusCode.OK, deleted);
        await client.SendLockAsync("b");
        Assert.Contains("rights", await client.NextTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_group_allows_is_revoked_only_when_it_does_so_no_more_or_the_JWT_has_ended()
    {
        var time = new ShiftedTime();
        await using var secured = await StartAsync(settings => settings with { RevokeWithoutRight = true }, time);
        await secured.SetPolicyAsync("team", SecuredNode.Rule(Lock, "team"));
        var jwt = await BoundAsync(secured);
        using var keeps = await secured.ConnectAsync(jwt, "team");
        Assert.Equal("acquired", (await keeps.LockAsync("b")).State);
        using var loses = await secured.ConnectAsync(jwt, "team");
        Assert.Equal("acquired", (await loses.LockAsync("a")).State);

        await secured.SetPolicyAsync("team", SecuredNode.Rule(Lock, "team", false, "b"));

        Assert.Contains("no right", (await loses.EndAsync()).Reason, StringComparison.Ordinal);
        Assert.Equal("ready", (await keeps.ReleaseAsync()).State);
        Assert.Equal("acquired", (await keeps.LockAsync("b")).State);

        time.Shift(TimeSpan.FromHours(2));
        Assert.Contains("no right", (await keeps.EndAsync()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_keys_in_the_file_count_without_a_restart_and_old_ones_no_more()
    {
        await using var secured = await StartAsync();
        await secured.BindAsync("jwt:ann", "admin");
        var old = issuer.For("ann");
        Assert.Equal(HttpStatusCode.OK, await AskAsync(secured, old));

        issuer.Rotate();
        var fresh = issuer.For("ann");

        await Eventually.HoldsAsync(async () => await AskAsync(secured, fresh) == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(secured, old));
        await File.WriteAllTextAsync(issuer.KeysFile, "no keys");
        await Eventually.HoldsAsync(async () =>
            (await secured.AskAsync(null, HttpMethod.Get, "/health/ready")).Body.Contains(
                "those read before stay in use",
                StringComparison.Ordinal
            )
        );
        Assert.Equal(HttpStatusCode.OK, await AskAsync(secured, fresh));
    }

    [Fact]
    public async Task Refusals_and_deeds_stand_in_the_audit_log_with_the_name_and_the_reason()
    {
        using var audit = new LogLines(AuditLog.Category);
        await using var secured = await StartAsync(loggers: audit);
        await secured.BindAsync("jwt:ann", "admin");
        await secured.AskAsync(issuer.Jwt(claims => claims["aud"] = "others"), HttpMethod.Get, Locks);
        await secured.AskAsync(issuer.For("e\nve"), HttpMethod.Get, Locks);
        await secured.AskAsync(issuer.For("ann"), HttpMethod.Delete, "/v1/admin/auth/tokens/jwt:ann");

        Assert.Contains(
            audit.Said,
            line =>
                line.StartsWith("Refused: unknown asked for GET /v1/locks from 127.0.0.1", StringComparison.Ordinal)
                && line.Contains("another audience", StringComparison.Ordinal)
        );
        Assert.Contains(
            audit.Said,
            line => line.StartsWith("Refused: jwt:e~0Ave asked for GET /v1/locks", StringComparison.Ordinal)
        );
        Assert.Contains(
            audit.Said,
            line => line.StartsWith("jwt:ann did delete token jwt:ann from 127.0.0.1", StringComparison.Ordinal)
        );
    }

    private static async Task<HttpStatusCode> AskAsync(SecuredNode secured, string jwt) =>
        (await secured.AskAsync(jwt, HttpMethod.Get, Locks)).Status;

    /// <summary>The JWT of somebody whose group has the policy 'team'.</summary>
    private async Task<string> BoundAsync(SecuredNode secured)
    {
        await secured.BindAsync("group:team~20one", "team");
        return issuer.For("ann", "team one");
    }

    private Task<SecuredNode> StartAsync(
        Func<NodeSettings, NodeSettings>? change = null,
        TimeProvider? time = null,
        Microsoft.Extensions.Logging.ILoggerFactory? loggers = null
    ) =>
        SecuredNode.StartAsync(
            change: settings =>
            {
                var with = settings with
                {
                    AllowQueryToken = true,
                    Jwt = new JwtSettings
                    {
                        Issuer = issuer.Url,
                        Audiences = [TestIssuer.Audience],
                        KeysFile = issuer.KeysFile,
                    },
                };
                return change?.Invoke(with) ?? with;
            },
            time: time,
            loggers: loggers
        );
}
