using System.Diagnostics;

namespace RaftLocks.Cluster.Tests;

// A node with a defect: a copy of the sources in which one passage was replaced, built beside the repository.

/// <summary>The program of a node that does something wrong.</summary>
internal sealed class PlantedBuild : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("raftlocks-planted-");

    /// <summary>Builds the node with <paramref name="broken"/> in the place of <paramref name="original"/>, which must be there exactly once.</summary>
    public PlantedBuild(string file, string original, string broken)
    {
        foreach (var source in Sources())
        {
            var copy = Path.Combine(_folder.FullName, Path.GetRelativePath(NodeBinary.RepositoryRoot, source));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(source, copy);
        }

        var path = Path.Combine(_folder.FullName, file);
        var parts = File.ReadAllText(path).Split(original);
        Assert.True(parts.Length == 2, $"The passage stands {parts.Length - 1} times in {file}; bring the test along.");
        File.WriteAllText(path, string.Join(broken, parts));
        using var build = Process.Start(new ProcessStartInfo(
            NodeProcess.DotNetHost,
            ["build", Path.Combine(_folder.FullName, "src", "Node"), "-c", "Release", "--nologo", "-v", "quiet", "-p:TreatWarningsAsErrors=false", "-p:RunAnalyzers=false"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var said = build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        Assert.True(build.ExitCode == 0, said);
    }

    /// <summary>The node's program.</summary>
    public string Program => Path.Combine(_folder.FullName, "src", "Node", "bin", "Release", "net10.0", "raftlocks-node.dll");

    /// <inheritdoc />
    public void Dispose() => _folder.Delete(recursive: true);

    private static IEnumerable<string> Sources()
    {
        var root = NodeBinary.RepositoryRoot;
        return Directory.EnumerateFiles(Path.Combine(root, "src"), "*", SearchOption.AllDirectories)
            .Where(path => !Path.GetRelativePath(root, path).Split('/').Any(part => part is "bin" or "obj"))
            .Concat(new[] { "Directory.Build.props", "Directory.Packages.props", ".editorconfig", "global.json" }.Select(name => Path.Combine(root, name)));
    }
}
