namespace RaftLocks.Browser.Tests;

// The dashboard of a cluster that asks who looks: logging in and out, what each viewer sees, and what another web page
// can't do in a viewer's browser.
[Collection(SecuredTests.Name)]
public sealed class LoginTests(SecuredCluster shared)
{
    private const string NotKnown = "not known here";

    [BrowserFact]
    public async Task A_token_is_asked_for_once_and_leads_to_the_page_that_was_asked_for()
    {
        var node = await shared.Cluster.FollowerAsync();
        await using var browser = await shared.BrowseAsync();
        var page = await OpenAsync(browser, node, "history?namespace=once&path=a/b");
        await Expect(page.GetByRole(AriaRole.Heading)).ToContainTextAsync("Log in to RaftLocks");
        await BrowserCluster.PictureAsync(page, "login");

        await LogInAsync(page, "rl_nobody-has-this");
        await Expect(page.GetByTestId("problem")).ToContainTextAsync(NotKnown);
        await Expect(page.GetByTestId("token")).ToBeVisibleAsync();
        await LogInAsync(page, shared.Root);

        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("History");
        await Expect(page.GetByTestId("path")).ToHaveValueAsync("a/b");
        await Expect(page.GetByTestId("who")).ToHaveTextAsync("root");
        var second = await OpenAsync(browser, node);
        await Expect(second.Locator("[data-testid=node]")).ToHaveCountAsync(3);
        var cookie = Assert.Single(
            await browser.CookiesAsync(),
            cookie => cookie.Name.Contains("login", StringComparison.Ordinal)
        );
        Assert.True(cookie.HttpOnly);
        Assert.Equal(SameSiteAttribute.Strict, cookie.SameSite);
        Assert.DoesNotContain(shared.Root, cookie.Value, StringComparison.Ordinal);
        await Eventually.HoldsAsync(
            "the audit log tells of both",
            TimeSpan.FromSeconds(30),
            () =>
                Task.FromResult(
                    node.Log.Contains("asked for POST /dashboard/login from 127.0.0.1", StringComparison.Ordinal)
                        && node.Log.Contains("root did log in to the dashboard", StringComparison.Ordinal)
                )
        );
    }

    [BrowserFact]
    public async Task Each_viewer_sees_only_what_the_own_token_allows_on_one_node_at_the_same_time()
    {
        var (mine, others) = (Unique("mine"), Unique("others"));
        var team = await shared.TokenAsync(mine, SecuredCluster.Rule("observe,history", mine));
        using var lockOfMine = await shared.LockAsync(mine, "a", "visible-label");
        using var lockOfOthers = await shared.LockAsync(others, "hidden-path", "hidden-label");
        var node = await shared.Cluster.FollowerAsync();
        await using var first = await shared.BrowseAsync();
        await using var second = await shared.BrowseAsync();
        var all = await LoggedInAsync(first, node, "namespaces", shared.Root);
        var some = await LoggedInAsync(second, node, "namespaces", team);

        await Expect(all.GetByTestId("namespaces")).ToContainTextAsync(others);
        await Expect(some.GetByTestId("namespaces")).ToContainTextAsync(mine);
        await Expect(some.GetByTestId("namespaces")).Not.ToContainTextAsync(others);
        await GoAsync(some, "locks?namespace=" + mine);
        await Expect(some.GetByTestId("tree")).ToContainTextAsync("visible-label");
        foreach (var hidden in new[] { "locks", "history" })
        {
            await GoAsync(all, $"{hidden}?namespace={others}");
            await Expect(all.Locator("main")).ToContainTextAsync("hidden-label");
            await GoAsync(some, $"{hidden}?namespace={others}");
            await Expect(some.GetByTestId("summary").Or(some.GetByRole(AriaRole.Status)).First).ToBeVisibleAsync();
            Assert.DoesNotContain("hidden-", await some.ContentAsync(), StringComparison.Ordinal);
        }
    }

    [BrowserFact]
    public async Task A_lock_is_revoked_by_whoever_may_in_its_name_and_the_button_says_why_others_may_not()
    {
        var ns = Unique("revoke");
        var looks = await shared.TokenAsync(ns + "-looks", SecuredCluster.Rule("observe,history", ns));
        var ends = await shared.TokenAsync(ns + "-ends", SecuredCluster.Rule("observe,history,revoke", ns));
        using var holder = await shared.LockAsync(ns, "stuck", "holder");
        var node = await shared.Cluster.FollowerAsync();
        await using var first = await shared.BrowseAsync();
        await using var second = await shared.BrowseAsync();

        var refused = await LoggedInAsync(first, node, "locks?namespace=" + ns, looks);
        await Expect(refused.GetByText("Revoke…")).ToBeDisabledAsync();
        await Expect(refused.GetByText("Revoke…"))
            .ToHaveAttributeAsync("title", $"No policy of '{ns}-looks' allows to revoke this.");

        var page = await LoggedInAsync(second, node, "locks?namespace=" + ns, ends);
        await page.GetByText("Revoke…").ClickAsync();
        await Expect(page.GetByTestId("concerned")).ToContainTextAsync("stuck");
        await page.GetByTestId("reason").FillAsync("it hangs");
        await page.GetByTestId("force").CheckAsync();
        await BrowserCluster.PictureAsync(page, "revoke-by-token");
        await page.GetByTestId("revoke").ClickAsync();

        await Expect(page.GetByTestId("summary")).ToContainTextAsync("Nothing is locked");
        await GoAsync(page, $"request?namespace={ns}&id=1");
        await Expect(page.GetByTestId("story")).ToContainTextAsync($"Done by {ns}-ends");
    }

    [BrowserFact]
    public async Task A_right_that_is_taken_away_while_the_dialog_is_open_revokes_nothing()
    {
        var ns = Unique("lost");
        var team = await shared.TokenAsync(ns, SecuredCluster.Rule("observe,revoke", ns));
        using var holder = await shared.LockAsync(ns, "kept", "holder");
        await using var browser = await shared.BrowseAsync();
        var page = await LoggedInAsync(browser, await shared.Cluster.LeaderAsync(), "locks?namespace=" + ns, team);
        await page.GetByText("Revoke…").ClickAsync();
        await page.GetByTestId("reason").FillAsync("it hangs");

        await shared.SetPolicyAsync(ns, SecuredCluster.Rule("observe", ns));

        await Expect(page.GetByText("Revoke…")).ToBeDisabledAsync();
        await page.GetByTestId("revoke").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync($"No policy of '{ns}' allows to revoke this.");
        await Expect(page.GetByTestId("revoke")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(page.Locator("[data-testid=request][data-state=acquired]")).ToHaveCountAsync(1);
    }

    [BrowserFact]
    public async Task A_token_that_is_deleted_ends_each_open_page_and_lets_nobody_in_again()
    {
        var ns = Unique("gone");
        var team = await shared.TokenAsync(ns, SecuredCluster.Rule("observe", ns));
        using var holder = await shared.LockAsync(ns, "secret-path", "holder");
        await using var browser = await shared.BrowseAsync();
        var node = await shared.Cluster.FollowerAsync();
        var locks = await LoggedInAsync(browser, node, "locks?namespace=" + ns, team);
        await Expect(locks.GetByTestId("tree")).ToContainTextAsync("secret-path");
        var cluster = await OpenAsync(browser, node);
        await Expect(cluster.Locator("[data-testid=node]")).ToHaveCountAsync(3);

        await shared.DeleteTokenAsync(ns);

        foreach (var page in new[] { locks, cluster })
        {
            await Expect(page.GetByTestId("ended")).ToContainTextAsync("The token was deleted");
        }

        await BrowserCluster.PictureAsync(locks, "logged-out");
        Assert.DoesNotContain("secret-path", await locks.ContentAsync(), StringComparison.Ordinal);
        await locks.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await Expect(locks.GetByTestId("token")).ToBeVisibleAsync();
        await LogInAsync(locks, team);
        await Expect(locks.GetByTestId("problem")).ToContainTextAsync(NotKnown);
    }

    [BrowserFact]
    public async Task Logging_out_ends_all_pages_of_this_browser_and_none_of_another()
    {
        var node = await shared.Cluster.LeaderAsync();
        await using var browser = await shared.BrowseAsync();
        await using var other = await shared.BrowseAsync();
        var first = await LoggedInAsync(browser, node, "", shared.Root);
        var second = await OpenAsync(browser, node, "playground");
        await Expect(second.GetByTestId("client").First).ToBeVisibleAsync();
        var stays = await LoggedInAsync(other, node, "playground", shared.Root);

        await first.GetByTestId("logout").ClickAsync();

        await Expect(first.GetByTestId("token")).ToBeVisibleAsync();
        await Expect(second.GetByTestId("ended")).ToContainTextAsync("You have logged out");
        await second.ReloadAsync();
        await Expect(second.GetByTestId("token")).ToBeVisibleAsync();
        await Expect(stays.GetByTestId("client").First).ToBeVisibleAsync();
    }

    // For a browser other ports of a node's own host are the same site: there only the origin tells them apart.
    [BrowserTheory]
    [InlineData("http://elsewhere.example/")]
    [InlineData("http://127.0.0.1:8081/")]
    public async Task A_page_of_another_origin_logs_nobody_in_or_out(string elsewhere)
    {
        var node = await shared.Cluster.LeaderAsync();
        await using var browser = await shared.BrowseAsync();
        var page = await LoggedInAsync(browser, node, "", shared.Root);
        await browser.RouteAsync(
            elsewhere + "**",
            route => route.FulfillAsync(new() { ContentType = "text/html", Body = "<h1>elsewhere</h1>" })
        );
        foreach (var route in new[] { "login", "logout" })
        {
            var other = await browser.NewPageAsync();
            await other.GotoAsync(elsewhere);
            var answer = await other.RunAndWaitForResponseAsync(
                () =>
                    other.EvaluateAsync(
                        """
                        address => {
                          const form = document.createElement('form');
                          form.method = 'post';
                          form.enctype = 'text/plain';
                          form.action = address;
                          document.body.append(form);
                          form.submit();
                        }
                        """,
                        new Uri(node.Url, "/dashboard/" + route).AbsoluteUri
                    ),
                given => given.Url.EndsWith("/dashboard/" + route, StringComparison.Ordinal)
            );
            Assert.Equal(403, answer.Status);

            // The page is closed with the browser: one that is closed while it goes elsewhere may never say that it is.
            await answer.FinishedAsync().WaitAsync(TimeSpan.FromMilliseconds(BrowserCluster.WaitBound));
        }

        await page.ReloadAsync();
        await Expect(page.Locator("[data-testid=node]")).ToHaveCountAsync(3);
    }

    [BrowserFact]
    public async Task A_client_of_the_playground_locks_as_the_viewer_and_only_where_that_is_allowed()
    {
        var ns = Unique("play");
        var team = await shared.TokenAsync(ns, SecuredCluster.Rule("lock-write,observe", ns));
        await using var browser = await shared.BrowseAsync();
        var page = await LoggedInAsync(browser, await shared.Cluster.FollowerAsync(), "playground", team);
        var alice = page.Locator("[data-name=Alice]");
        var bob = page.Locator("[data-name=Bob]");

        await page.GetByTestId("namespace").FillAsync(Unique("forbidden"));
        await bob.GetByRole(AriaRole.Button, new() { Name = "Lock", Exact = true }).ClickAsync();
        await Expect(bob).ToContainTextAsync("disconnected");
        await page.GetByTestId("namespace").FillAsync(ns);
        await alice.GetByRole(AriaRole.Button, new() { Name = "Lock", Exact = true }).ClickAsync();

        await Expect(alice).ToHaveAttributeAsync("data-state", "acquired");
    }

    private static async Task<IPage> OpenAsync(IBrowserContext browser, NodeProcess node, string page = "")
    {
        var opened = await browser.NewPageAsync();
        await opened.GotoAsync(new Uri(node.Url, "/dashboard/" + page).AbsoluteUri);
        await Expect(opened.Locator("h1")).ToBeVisibleAsync();
        return opened;
    }

    private static async Task<IPage> LoggedInAsync(
        IBrowserContext browser,
        NodeProcess node,
        string page,
        string secret
    )
    {
        var opened = await OpenAsync(browser, node, page);
        await LogInAsync(opened, secret);
        await Expect(opened.GetByTestId("who")).ToBeVisibleAsync();
        return opened;
    }

    private static async Task LogInAsync(IPage page, string secret)
    {
        await page.GetByTestId("token").FillAsync(secret);
        await page.GetByTestId("login").ClickAsync();
    }

    private static async Task GoAsync(IPage page, string address)
    {
        await page.GotoAsync(new Uri(new Uri(page.Url), address).AbsoluteUri);
        await Expect(page.Locator("h1")).ToBeVisibleAsync();
    }

    private static ILocatorAssertions Expect(ILocator locator)
    {
        Assertions.SetDefaultExpectTimeout(BrowserCluster.WaitBound);
        return Assertions.Expect(locator);
    }

    private static string Unique(string name) => name + "-" + Guid.NewGuid().ToString("n")[..8];
}
