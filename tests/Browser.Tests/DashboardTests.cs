namespace RaftLocks.Browser.Tests;

// The dashboard as a person sees it, while locks are taken and released outside of it.
[Collection(BrowserTests.Name)]
public sealed class DashboardTests(BrowserCluster shared)
{
    [BrowserFact]
    public async Task A_lock_that_is_taken_outside_appears_and_goes_without_a_reload_on_a_follower_too()
    {
        var ns = Unique("live");
        var page = await shared.OpenAsync(await shared.Cluster.FollowerAsync(), "locks?namespace=" + ns);
        await Expect(page.GetByTestId("summary")).ToContainTextAsync("Nothing is locked");

        await using var holder = await WireClient.ConnectAsync(shared.Cluster, ns, 0);
        await using var waiter = await WireClient.ConnectAsync(shared.Cluster, ns, 0);
        await holder.LockAsync("orders/42");
        await waiter.LockAsync("orders/42");
        await Expect(page.Locator("[data-testid=request][data-state=acquired]")).ToHaveCountAsync(1);
        await Expect(page.Locator("[data-testid=request][data-state=enqueued]")).ToHaveCountAsync(1);
        await Expect(page.GetByTestId("tree")).ToContainTextAsync("orders");
        await BrowserCluster.PictureAsync(page, "locks");

        await holder.ReleaseAsync();
        await Expect(page.Locator("[data-testid=request][data-id='2'][data-state=acquired]")).ToHaveCountAsync(1);
        await Expect(page.GetByTestId("request")).ToHaveCountAsync(1);
    }

    [BrowserFact]
    public async Task Who_blocks_a_request_is_found_by_clicking_and_its_story_is_told()
    {
        var ns = Unique("explain");
        await using var holder = await WireClient.ConnectAsync(shared.Cluster, ns, 0);
        await using var waiter = await WireClient.ConnectAsync(shared.Cluster, ns, 0);
        await using var last = await WireClient.ConnectAsync(shared.Cluster, ns, 0);
        await holder.LockAsync("a/b");
        await waiter.LockAsync("a");
        await last.LockAsync("a/c");
        var page = await shared.OpenAsync(await shared.Cluster.LeaderAsync(), "namespaces");

        await page.GetByTestId("namespaces").GetByText(ns, new() { Exact = true }).ClickAsync();
        await page.Locator("[data-testid=request][data-id='3']").GetByText("Who blocks it?").ClickAsync();

        await Expect(page.GetByTestId("state")).ToContainTextAsync("2 must leave first");
        await Expect(page.GetByTestId("chain").Locator("[data-id='1']")).ToBeVisibleAsync();
        await Expect(page.GetByTestId("chain").Locator("[data-id='2']")).ToBeVisibleAsync();
        await Expect(page.GetByTestId("story")).ToContainTextAsync("enqueued");
        await BrowserCluster.PictureAsync(page, "request");
        await holder.ReleaseAsync();
        await waiter.NextAsync();
        await waiter.ReleaseAsync();
        await Expect(page.GetByTestId("state")).ToContainTextAsync("It has its lock");
        await Expect(page.GetByTestId("story")).ToContainTextAsync("acquired");
    }

    [BrowserFact]
    public async Task A_holders_page_lists_who_waits_for_it()
    {
        var ns = Unique("waiters");
        await using var holder = await WireClient.ConnectAsync(shared.Cluster, ns, 0);
        await using var beneath = await WireClient.ConnectAsync(shared.Cluster, ns, 0);
        await using var elsewhere = await WireClient.ConnectAsync(shared.Cluster, ns, 0);
        await using var above = await WireClient.ConnectAsync(shared.Cluster, ns, 0);
        await holder.LockAsync("a");
        await beneath.LockAsync("a/b");
        await elsewhere.LockAsync("z");
        await above.LockAsync("a");
        var page = await shared.OpenAsync(await shared.Cluster.FollowerAsync(), $"request?namespace={ns}&id=1");

        await Expect(page.GetByTestId("state")).ToContainTextAsync("2 wait for it");
        await Expect(page.GetByTestId("waiters").Locator("[data-id='2']")).ToBeVisibleAsync();
        await Expect(page.GetByTestId("waiters").Locator("[data-id='4']")).ToBeVisibleAsync();
        await Expect(page.GetByTestId("waiters").GetByTestId("request")).ToHaveCountAsync(2);
        await BrowserCluster.PictureAsync(page, "holder");
        await holder.ReleaseAsync();
        await Expect(page.GetByTestId("waiters")).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task Whether_a_lock_would_be_granted_is_answered_without_taking_it()
    {
        var ns = Unique("would");
        await using var holder = await WireClient.ConnectAsync(shared.Cluster, ns, 0);
        await holder.LockAsync("a");
        var page = await shared.OpenAsync(await shared.Cluster.LeaderAsync(), $"explain?namespace={ns}&path=a/b");

        await Expect(page.GetByTestId("verdict")).ToContainTextAsync("1 must leave first");
        await page.GetByTestId("path").FillAsync("z");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask" }).ClickAsync();

        await Expect(page.GetByTestId("verdict")).ToContainTextAsync("granted at once");
    }

    [BrowserFact]
    public async Task A_request_is_revoked_with_a_reason()
    {
        var ns = Unique("revoke");
        await using var holder = await WireClient.ConnectAsync(shared.Cluster, ns, 60_000);
        await holder.LockAsync("stuck");
        var page = await shared.OpenAsync(await shared.Cluster.LeaderAsync(), "locks?namespace=" + ns);

        await page.Locator("[data-testid=request][data-id='1']").GetByText("Revoke…").ClickAsync();
        await Expect(page.GetByTestId("revoke")).ToBeDisabledAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Revoke the lock of request #1");
        await Expect(page.GetByTestId("concerned")).ToContainTextAsync("stuck");
        await Expect(page.GetByTestId("concerned")).ToContainTextAsync(ns);
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("stays in the history");
        await page.GetByTestId("reason").FillAsync("it hangs");
        await page.GetByTestId("force").CheckAsync();
        await BrowserCluster.PictureAsync(page, "revoke");
        await page.GetByTestId("revoke").ClickAsync();

        await Expect(page.GetByTestId("summary")).ToContainTextAsync("Nothing is locked");
        await page.GotoAsync(new Uri(new Uri(page.Url), $"request?namespace={ns}&id=1").AbsoluteUri);
        await Expect(page.GetByTestId("story")).ToContainTextAsync("it hangs");
    }

    [BrowserFact]
    public async Task Who_had_a_lock_that_nobody_has_any_more_and_how_that_ended_is_found_by_its_path()
    {
        var ns = Unique("past");
        await using (var first = await WireClient.ConnectAsync(shared.Cluster, ns, 60_000))
        {
            await first.LockAsync("past");
            await first.ReleaseAsync();
        }

        await using var other = await WireClient.ConnectAsync(shared.Cluster, ns, 60_000);
        await other.LockAsync("elsewhere");
        var page = await shared.OpenAsync(await shared.Cluster.FollowerAsync(), $"locks?namespace={ns}&path=past");
        await page.GetByTestId("past").ClickAsync();

        await Expect(page.GetByTestId("history")).ToContainTextAsync("released");
        await Expect(page.GetByTestId("history")).Not.ToContainTextAsync("elsewhere");
        await page.GetByTestId("event").First.GetByText("#1").ClickAsync();
        await Expect(page.GetByTestId("story")).ToContainTextAsync("acquired");
    }

    [BrowserFact]
    public async Task Clients_of_the_playground_lock_and_show_what_goes_over_the_wire_on_a_follower_too()
    {
        var page = await shared.OpenAsync(await shared.Cluster.FollowerAsync(), "playground");
        await page.GetByTestId("namespace").FillAsync(Unique("play"));
        var alice = page.Locator("[data-name=Alice]");
        var bob = page.Locator("[data-name=Bob]");

        await Button(alice, "Lock").ClickAsync();
        await Expect(alice).ToHaveAttributeAsync("data-state", "acquired");
        await Button(bob, "Lock").ClickAsync();
        await Expect(bob).ToHaveAttributeAsync("data-state", "enqueued");
        await Expect(bob).ToContainTextAsync("""{"id":"2","action":"lock","state":"enqueued"}""");
        var carol = page.Locator("[data-name=Carol]");
        await carol.GetByTestId("path").FillAsync("orders");
        await Button(carol, "Lock").ClickAsync();
        await Expect(carol).ToHaveAttributeAsync("data-state", "enqueued");
        await BrowserCluster.PictureAsync(page, "playground");
        await Button(alice, "Release").ClickAsync();

        await Expect(bob).ToHaveAttributeAsync("data-state", "acquired");
        await Expect(alice).ToContainTextAsync("""→ {"action":"release"}""");
        await Button(bob, "Disconnect").ClickAsync();
        await Expect(bob).ToHaveAttributeAsync("data-state", "closed");
    }

    [BrowserFact]
    public async Task What_clients_choose_is_shown_and_never_run()
    {
        var ns = Unique("<img src=x onerror=document.title='run'>");
        await using var holder = await WireClient.ConnectAsync(shared.Cluster, ns, 0);
        await holder.LockAsync("<script>document.title='run'<\u2215script>");
        var page = await shared.OpenAsync(
            await shared.Cluster.LeaderAsync(),
            "locks?namespace=" + Uri.EscapeDataString(ns)
        );

        await Expect(page.GetByTestId("tree")).ToContainTextAsync("<script>document.title='run'");
        // The title names the namespace, as it is written.
        Assert.Contains("in <img src=x", await page.TitleAsync(), StringComparison.Ordinal);
        Assert.NotEqual("run", await page.TitleAsync());
    }

    private static ILocator Button(ILocator client, string name) =>
        client.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private static ILocatorAssertions Expect(ILocator locator)
    {
        Assertions.SetDefaultExpectTimeout(BrowserCluster.WaitBound);
        return Assertions.Expect(locator);
    }

    private static string Unique(string name) => name + "-" + Guid.NewGuid().ToString("n")[..8];
}
