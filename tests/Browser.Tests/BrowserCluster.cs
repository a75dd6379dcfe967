using System.Collections.Concurrent;

namespace RaftLocks.Browser.Tests;

// One browser and one cluster of three processes for all tests: starting them is what costs. The journals are on.

/// <summary>Starts both, once.</summary>
public sealed class BrowserCluster : IAsyncLifetime
{
    /// <summary>How long something may take to show on a busy machine, ms.</summary>
    public const int WaitBound = 60_000;

    // Three processes that compile themselves, beside whatever else the machine does.
    private static readonly TimeSpan StartBound = TimeSpan.FromMinutes(2);

    private static readonly string[] Flags =
    [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ];

    private readonly ConcurrentDictionary<IPage, ConcurrentQueue<string>> errors = new();
    private IPlaywright? playwright;
    private IBrowser? browser;

    /// <summary>The cluster.</summary>
    public LocalCluster Cluster { get; } = new(3);

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        if (BrowserFactAttribute.Path is not { } path)
        {
            return;
        }

        foreach (var node in Cluster.Nodes)
        {
            node.Start();
        }

        foreach (var node in Cluster.Nodes)
        {
            await ReadyAsync(node);
        }

        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions { ExecutablePath = path, Args = Flags }
        );
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        playwright?.Dispose();
        await Cluster.DisposeAsync();
    }

    /// <summary>Waits until a node serves and knows who leads.</summary>
    public static Task ReadyAsync(NodeProcess node) =>
        Eventually.HoldsAsync($"{node.Name} is ready", StartBound, node.Http.IsReadyAsync);

    /// <summary>A browser of its own, with its own cookies.</summary>
    public async Task<IBrowserContext> BrowseAsync()
    {
        var context = await browser!.NewContextAsync();
        context.SetDefaultTimeout(WaitBound);
        return context;
    }

    /// <summary>Opens a page of a node's dashboard, and waits until it lives.</summary>
    public async Task<IPage> OpenAsync(NodeProcess node, string page = "", bool dark = false, bool phone = false)
    {
        var context = await browser!.NewContextAsync(
            new BrowserNewContextOptions
            {
                ViewportSize = phone
                    ? new ViewportSize { Width = 390, Height = 844 }
                    : new ViewportSize { Width = 1280, Height = 860 },
                ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            }
        );
        context.SetDefaultTimeout(WaitBound);
        var opened = await context.NewPageAsync();
        var wrong = errors.GetOrAdd(opened, _ => []);
        opened.Console += (_, said) =>
        {
            if (said.Type == "error")
            {
                wrong.Enqueue(said.Text);
            }
        };
        await opened.GotoAsync(new Uri(node.Url, "/dashboard/" + page).AbsoluteUri);
        await Assertions.Expect(opened.Locator("h1")).ToBeVisibleAsync(new() { Timeout = WaitBound });
        return opened;
    }

    /// <summary>What went wrong in a page, as its console tells.</summary>
    public IReadOnlyCollection<string> ErrorsOf(IPage page) => errors[page];

    /// <summary>Keeps a picture of a page where SCREENSHOTS says, if it says so.</summary>
    public static async Task PictureAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(
                new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png"), FullPage = true }
            );
        }
    }
}

/// <summary>The tests that share them; one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserTests : ICollectionFixture<BrowserCluster>
{
    /// <summary>Its name.</summary>
    public const string Name = "browser";
}
