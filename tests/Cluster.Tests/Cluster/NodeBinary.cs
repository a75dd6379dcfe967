namespace RaftLocks.Cluster;

// Finds the built node beside the sources: the tests and the benchmarks start real processes of it.
// RAFTLOCKS_NODE_DLL names another build (an installed one, an older version).

/// <summary>Where the node's program is.</summary>
public static class NodeBinary
{
#if DEBUG
    /// <summary>The configuration that is tested.</summary>
    public const string Configuration = "Debug";
#else
    /// <summary>The configuration that is tested.</summary>
    public const string Configuration = "Release";
#endif

    /// <summary>The folder of the sources.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The full path of raftlocks-node.dll.</summary>
    public static string Path { get; } = Find();

    /// <summary>The full path of raftlocks.dll, the operator's command line.</summary>
    public static string CommandLine => Built("src/Cli", "raftlocks.dll");

    /// <summary>The full path of another program of the repository.</summary>
    public static string Built(string project, string file) =>
        Existing(System.IO.Path.Combine(RepositoryRoot, project, "bin", Configuration, "net10.0", file));

    private static string Find()
    {
        var named = Environment.GetEnvironmentVariable("RAFTLOCKS_NODE_DLL");
        return !string.IsNullOrEmpty(named)
            ? Existing(System.IO.Path.GetFullPath(named))
            : Built("src/Node", "raftlocks-node.dll");
    }

    private static string Existing(string path) =>
        File.Exists(path)
            ? path
            : throw new FileNotFoundException(
                $"This is not built: {path} is missing. Run: dotnet build -c {Configuration}"
            );

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "RaftLocks.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No RaftLocks.sln above {AppContext.BaseDirectory}.");
    }
}
