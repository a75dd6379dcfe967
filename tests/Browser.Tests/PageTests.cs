using System.Net;

namespace RaftLocks.Browser.Tests;

// How the pages come and look: whole scripts, on a phone, in the dark, by keyboard, and while the leader fails.
[Collection(BrowserTests.Name)]
public sealed class PageTests(BrowserCluster shared)
{
    [BrowserFact]
    public async Task Scripts_and_styles_arrive_whole_from_wherever_the_node_was_started()
    {
        var node = await shared.Cluster.LeaderAsync();
        using var http = new HttpClient(
            new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.GZip, UseProxy = false }
        );
        var page = await http.GetStringAsync(new Uri(node.Url, "/dashboard/"));
        var addresses = System.Text.RegularExpressions.Regex.Matches(
            page,
            "(?:href|src)=\"(?<address>assets/[^\"]+)\"",
            System.Text.RegularExpressions.RegexOptions.ExplicitCapture,
            TimeSpan.FromSeconds(5)
        );

        Assert.Equal(6, addresses.Count);
        foreach (var address in addresses.Select(match => match.Groups["address"].Value))
        {
            using var answer = await http.GetAsync(new Uri(node.Url, "/dashboard/" + address));
            var length = (await answer.Content.ReadAsByteArrayAsync()).Length;
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.True(
                length > (address.Contains("blazor", StringComparison.Ordinal) ? 50_000 : 200),
                $"{address}: {length} bytes"
            );
        }
    }

    [BrowserFact]
    public async Task The_cluster_is_shown_by_each_node_and_nothing_goes_wrong_in_the_page()
    {
        foreach (var node in shared.Cluster.Nodes)
        {
            var page = await shared.OpenAsync(node);
            await Expect(page.Locator("[data-testid=node]")).ToHaveCountAsync(3);
            await Expect(page.Locator("[data-testid=node][data-role=leader]")).ToHaveCountAsync(1);
            await Expect(page.Locator("[data-testid=node][data-role=follower]")).ToHaveCountAsync(2);
            Assert.Empty(shared.ErrorsOf(page));
            await page.Context.CloseAsync();
        }
    }

    [BrowserTheory]
    [InlineData("")]
    [InlineData("namespaces")]
    [InlineData("locks?namespace=a-name-that-is-rather-long-for-a-telephone-in-an-upright-position-of-375-pixels")]
    [InlineData("history")]
    [InlineData("explain")]
    [InlineData("playground")]
    public async Task Each_page_fits_a_phone(string address)
    {
        var page = await shared.OpenAsync(await shared.Cluster.LeaderAsync(), address, phone: true);
        await BrowserCluster.PictureAsync(page, "phone-" + address.Split('?')[0]);

        Assert.Equal(
            0,
            await page.EvaluateAsync<int>(
                "Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)"
            )
        );
        await page.Context.CloseAsync();
    }

    [BrowserTheory]
    [InlineData("", "Cluster – RaftLocks")]
    [InlineData("namespaces", "Namespaces – RaftLocks")]
    [InlineData("locks", "Locks – RaftLocks")]
    [InlineData("locks?namespace=orders", "Locks in orders – RaftLocks")]
    [InlineData("history", "History – RaftLocks")]
    [InlineData("history?namespace=orders&path=a/b", "History of a/b – RaftLocks")]
    [InlineData("explain", "Explain – RaftLocks")]
    [InlineData("explain?namespace=orders&path=a/b", "Explain a/b – RaftLocks")]
    [InlineData("playground", "Playground – RaftLocks")]
    [InlineData("request?namespace=orders&id=7", "Request #7 in orders – RaftLocks")]
    public async Task Each_page_has_a_title_of_its_own(string address, string title)
    {
        var page = await shared.OpenAsync(await shared.Cluster.LeaderAsync(), address);

        await Assertions
            .Expect(page)
            .ToHaveTitleAsync(title, new PageAssertionsToHaveTitleOptions { Timeout = BrowserCluster.WaitBound });
        await page.Context.CloseAsync();
    }

    [BrowserFact]
    public async Task Since_when_a_leader_leads_that_was_there_before_anybody_looked_is_not_claimed_to_be_known()
    {
        // A node that was just started has seen no election, whatever the other tests looked at.
        var follower = await shared.Cluster.FollowerAsync();
        await follower.KillAsync();
        follower.Start();
        await BrowserCluster.ReadyAsync(follower);
        var page = await shared.OpenAsync(follower);

        await Expect(page.GetByTestId("elections").Locator("li").Last).ToContainTextAsync("since at least");
        await page.Context.CloseAsync();
    }

    [BrowserFact]
    public async Task The_first_screen_of_a_phone_shows_how_many_locks_there_are_and_how_all_nodes_are()
    {
        var page = await shared.OpenAsync(await shared.Cluster.LeaderAsync(), phone: true);
        await Expect(page.Locator("[data-testid=node]")).ToHaveCountAsync(3);

        await Expect(page.GetByTestId("held")).ToBeInViewportAsync();
        await Expect(page.GetByTestId("waiting")).ToBeInViewportAsync();
        for (var node = 0; node < 3; node++)
        {
            await Expect(page.Locator("[data-testid=node]").Nth(node))
                .ToBeInViewportAsync(new LocatorAssertionsToBeInViewportOptions { Ratio = 1 });
        }

        await page.Context.CloseAsync();
    }

    [BrowserFact]
    public async Task Charts_have_a_time_axis_and_there_is_none_of_nothing()
    {
        var leader = await shared.Cluster.LeaderAsync();
        var ns = "chart-" + Guid.NewGuid().ToString("n")[..8];
        await using var holder = await WireClient.ConnectAsync(shared.Cluster, ns, 0);
        await holder.LockAsync("a");
        var page = await shared.OpenAsync(leader);

        await Expect(page.GetByTestId("axis").Last).ToContainTextAsync("2 min ago");
        await Expect(page.GetByTestId("axis").Last).ToContainTextAsync("now");
        await Expect(page.GetByText("Held and waiting")).ToBeVisibleAsync();
        await Expect(page.GetByText("Waits", new() { Exact = true })).ToHaveCountAsync(0);
        await BrowserCluster.PictureAsync(page, "cluster");
        await page.Context.CloseAsync();
    }

    [BrowserFact]
    public async Task The_dark_is_followed()
    {
        var node = await shared.Cluster.LeaderAsync();
        var bright = await BackgroundAsync(await shared.OpenAsync(node));
        var page = await shared.OpenAsync(node, dark: true);
        await Expect(page.Locator("[data-testid=node]")).ToHaveCountAsync(3);
        await BrowserCluster.PictureAsync(page, "dark");

        Assert.True(bright > 200, $"by day {bright}");
        await Eventually.HoldsAsync(
            "the page is dark",
            TimeSpan.FromSeconds(30),
            async () => await BackgroundAsync(page) < 60
        );
    }

    [BrowserFact]
    public async Task The_playground_is_used_by_keyboard_alone()
    {
        var page = await shared.OpenAsync(await shared.Cluster.LeaderAsync(), "playground");
        var path = page.Locator("[data-name=Alice]").GetByTestId("path");

        // A page that has been gone to has its heading focused, once its script runs.
        await Expect(page.Locator("h1")).ToBeFocusedAsync();
        await path.FocusAsync();

        // Path, read, Lock.
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator("[data-name=Alice]")).ToHaveAttributeAsync("data-state", "acquired");
        await page.Context.CloseAsync();
    }

    [BrowserFact]
    public async Task When_the_leader_fails_an_open_page_shows_the_next_one_and_the_locks_that_live_on()
    {
        var leader = await shared.Cluster.LeaderAsync();
        var follower = await shared.Cluster.FollowerAsync();
        var ns = "failover-" + Guid.NewGuid().ToString("n")[..8];
        var holder = await WireClient.ConnectAsync(shared.Cluster, ns, 600_000);
        await holder.LockAsync("kept");
        var cluster = await shared.OpenAsync(follower);
        var locks = await shared.OpenAsync(follower, "locks?namespace=" + ns);
        await Expect(locks.GetByTestId("request")).ToHaveCountAsync(1);
        var ofLeader = await shared.OpenAsync(leader, "locks?namespace=" + ns);

        await leader.KillAsync();
        await Expect(cluster.Locator($"[data-testid=node][data-name={leader.Name}][data-role=away]"))
            .ToHaveCountAsync(1);
        await Expect(cluster.Locator("[data-testid=node][data-role=leader]")).ToHaveCountAsync(1);
        await BrowserCluster.PictureAsync(cluster, "failover");
        await Expect(locks.Locator("[data-testid=request][data-state=acquired]")).ToHaveCountAsync(1);
        await Expect(ofLeader.Locator(".lost")).ToBeVisibleAsync();

        leader.Start();
        await shared.Cluster.ReadyAsync();
        await Expect(cluster.Locator("[data-testid=node][data-role=follower]")).ToHaveCountAsync(2);
        await Expect(ofLeader.Locator(".lost")).ToBeHiddenAsync();
        await Expect(ofLeader.Locator("[data-testid=request][data-state=acquired]")).ToHaveCountAsync(1);
        await holder.DisposeAsync();
    }

    private static ILocatorAssertions Expect(ILocator locator)
    {
        Assertions.SetDefaultExpectTimeout(BrowserCluster.WaitBound);
        return Assertions.Expect(locator);
    }

    private static async Task<int> BackgroundAsync(IPage page) =>
        await page.EvaluateAsync<int>("parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])");
}
