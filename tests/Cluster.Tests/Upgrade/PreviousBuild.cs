namespace RaftLocks.Cluster.Tests;

// The release before this one, built from the repository's own history: once for a test run, in a folder that goes
// with it.

/// <summary>The previous release's node.</summary>
public sealed class PreviousBuild : IDisposable
{
    // The one place that says which: the tag, and until there is one, the commit that will bear it.
    private const string Tag = "v0.1.0";
    private const string Commit = "cdd519c63562e078e83b77c8de61366876368b39";

    // The folder may belong to another user, as in a container.
    private static readonly string[] InRepository = ["-c", "safe.directory=*", "-C", NodeBinary.RepositoryRoot];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("raftlocks-previous-");

    /// <summary>Builds it.</summary>
    public PreviousBuild()
    {
        try
        {
            Build();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Whether the history goes back far enough: that of a shallow clone does not.</summary>
    public static bool IsInHistory { get; } = Has(Tag) || Has(Commit);

    /// <summary>The node's program.</summary>
    public string Program =>
        Path.Combine(_folder.FullName, "src", "Node", "bin", "Release", "net10.0", "raftlocks-node.dll");

    private static string Revision => Has(Tag) ? Tag : Commit;

    /// <inheritdoc />
    public void Dispose() => _folder.Delete(recursive: true);

    private void Build()
    {
        var sources = Path.Combine(_folder.FullName, "sources.tar");
        BoundedProcess.Run(
            "git",
            [
                .. InRepository,
                "archive",
                "--format=tar",
                "--output",
                sources,
                Revision,
                "src",
                "Directory.Build.props",
                "Directory.Packages.props",
                ".editorconfig",
                "global.json",
            ]
        );
        BoundedProcess.Run("tar", "-xf", sources, "-C", _folder.FullName);
        BoundedProcess.Build(Path.Combine(_folder.FullName, "src", "Node"), "Release");
    }

    private static bool Has(string revision)
    {
        try
        {
            return BoundedProcess.Start("git", [.. InRepository, "cat-file", "-e", revision + "^{commit}"]).Code == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // No git.
            return false;
        }
    }
}

/// <summary>A test that needs the repository's history. Where it is missing the test is skipped; in continuous
/// integration it must be there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class HistoryFactAttribute : FactAttribute
{
    /// <summary>Looks for the previous release.</summary>
    public HistoryFactAttribute()
    {
        if (!PreviousBuild.IsInHistory && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = "the previous release is not in this clone's history (a shallow one?), or there is no git";
        }
    }
}
