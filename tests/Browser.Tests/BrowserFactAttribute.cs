namespace RaftLocks.Browser.Tests;

// A test that needs a browser: Debian's chromium, or the one that CHROMIUM names. Where there is none it is skipped; in
// continuous integration (CI=true) a skipped test is a failure.

/// <summary>A test in a real browser.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    /// <summary>Skips where there is no browser.</summary>
    public BrowserFactAttribute()
    {
        if (Path is null)
        {
            Skip = "No browser: apt-get install chromium fonts-dejavu-core, or name one with CHROMIUM.";
        }
    }

    /// <summary>The browser's program; null if there is none.</summary>
    public static string? Path { get; } =
        new[]
        {
            Environment.GetEnvironmentVariable("CHROMIUM"),
            "/usr/bin/chromium",
            "/usr/bin/chromium-browser",
            "/usr/bin/google-chrome",
        }.FirstOrDefault(path => !string.IsNullOrEmpty(path) && File.Exists(path));
}

/// <summary>The same, several times.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserTheoryAttribute : TheoryAttribute
{
    /// <summary>Skips where there is no browser.</summary>
    public BrowserTheoryAttribute() => Skip = new BrowserFactAttribute().Skip;
}
