// The admin token goes to the nodes that were given, for administration, and nowhere else.
using static RaftLocks.Api.Tests.ScriptedNode;

namespace RaftLocks.Api.Tests;

public class TokenTests
{
    private const string AdminToken = "sixteen-characters";
    private static readonly ApiRequest<MembersResponse> Asking = ApiRequests.Members();

    private const string Members = """{"index":1,"leader":"n2","members":[]}""";
    private const string Locks = """{"index":1,"requests":[],"more":false}""";

    [Fact]
    public async Task A_listed_leader_is_told_it_when_a_listed_node_names_it()
    {
        using var leader = new ScriptedNode(_ => Json(Members));
        using var follower = new ScriptedNode(_ => Redirect(leader.Url));
        using var api = Client(follower.Url, leader.Url);

        Assert.Equal("n2", (await api.SendAsync(ApiRequests.Members(), CancellationToken.None)).Value.Leader);

        Assert.Contains($"Authorization: Bearer {AdminToken}", Assert.Single(follower.Asked), StringComparison.Ordinal);
        Assert.Contains($"Authorization: Bearer {AdminToken}", Assert.Single(leader.Asked), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_leader_that_is_not_listed_is_told_nothing_and_the_refusal_names_it()
    {
        using var leader = new ScriptedNode(_ => Json(Members));
        using var follower = new ScriptedNode(_ => Redirect(leader.Url));
        using var api = Client(follower.Url);

        var refused = await Assert.ThrowsAsync<ApiException>(() => api.SendAsync(Asking, CancellationToken.None));

        Assert.Empty(leader.Asked);
        var name = leader.Url.GetLeftPart(UriPartial.Authority);
        Assert.Contains($"names {name} as the leader", refused.Message, StringComparison.Ordinal);
        Assert.Contains("give that address too", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_port_of_another_host_or_scheme_is_another_node()
    {
        using var leader = new ScriptedNode(_ => Json(Members));
        using var follower = new ScriptedNode(_ => Redirect(new Uri($"http://localhost:{leader.Url.Port}")));
        using var api = Client(follower.Url, leader.Url, new Uri($"https://localhost:{leader.Url.Port}"));

        // The second node answers; the first one's leader was not asked.
        await api.SendAsync(ApiRequests.Members(), CancellationToken.None);

        Assert.DoesNotContain("Host: localhost", Assert.Single(leader.Asked), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_stranger_leads_it_back_to_a_listed_node()
    {
        using var leader = new ScriptedNode(_ => Json(Members));
        using var stranger = new ScriptedNode(_ => Redirect(leader.Url));
        using var follower = new ScriptedNode(_ => Redirect(stranger.Url));
        using var api = Client(follower.Url, leader.Url);

        await api.SendAsync(ApiRequests.Members(), CancellationToken.None);

        Assert.Empty(stranger.Asked);
    }

    [Fact]
    public async Task A_question_that_needs_none_goes_without_it_to_whoever_leads()
    {
        using var leader = new ScriptedNode(_ => Json(Locks));
        using var follower = new ScriptedNode(_ => Redirect(leader.Url));
        using var api = Client(follower.Url);

        await api.SendAsync(ApiRequests.Locks(new LocksRequest("n")), CancellationToken.None);

        Assert.DoesNotContain("Authorization", Assert.Single(follower.Asked), StringComparison.Ordinal);
        Assert.DoesNotContain("Authorization", Assert.Single(leader.Asked), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_node_that_is_asked_by_itself_must_be_listed_too()
    {
        using var other = new ScriptedNode(_ => Json(Members));
        using var api = Client(new Uri("http://127.0.0.1:1"));

        await Assert.ThrowsAsync<ApiException>(() => api.SendAsync(other.Url, Asking, CancellationToken.None));

        Assert.Empty(other.Asked);
    }

    [Fact]
    public async Task The_probe_of_a_node_that_takes_its_time_goes_without_it()
    {
        using var node = new ScriptedNode(head =>
            head.StartsWith("GET /health/live", StringComparison.Ordinal) ? Json("{}") : null
        );
        using var api = Client(node.Url);
        using var enough = new CancellationTokenSource();
        var removing = api.SendAsync(ApiRequests.RemoveMember("n3", force: false), enough.Token);
        await Eventually.HoldsAsync(() => node.Asked.Count >= 2);
        await enough.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => removing);
        Assert.All(
            node.Asked.Skip(1),
            probe => Assert.DoesNotContain("Authorization", probe, StringComparison.Ordinal)
        );
    }

    private static ApiClient Client(params Uri[] nodes) =>
        new(
            new ApiClientOptions
            {
                Nodes = () => nodes,
                AdminToken = AdminToken,
                UseProxy = false,
            }
        );
}
