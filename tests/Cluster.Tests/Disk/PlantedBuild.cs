namespace RaftLocks.Cluster.Tests;

// A node with a defect: the node's project alone is compiled once more, into a folder of its own, with one passage
// replaced in one file. What the project refers to was built with the tests.

/// <summary>The program of a node that does something wrong.</summary>
internal sealed class PlantedBuild : IDisposable
{
    private const string Project = "src/Node";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("raftlocks-planted-");

    /// <summary>
    /// Builds the node with <paramref name="broken"/> in the place of <paramref name="original"/>, which must be in
    /// <paramref name="file"/>, a path below src/Node, exactly once.
    /// </summary>
    public PlantedBuild(string file, string original, string broken)
    {
        try
        {
            Build(file, original, broken);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The node's program.</summary>
    public string Program => Path.Combine(_folder.FullName, "bin", "net10.0", "raftlocks-node.dll");

    /// <inheritdoc />
    public void Dispose() => _folder.Delete(recursive: true);

    private void Build(string file, string original, string broken)
    {
        var parts = File.ReadAllText(Path.Combine(NodeBinary.RepositoryRoot, Project, file)).Split(original);
        Assert.True(parts.Length == 2, $"The passage stands {parts.Length - 1} times in {file}; bring the test along.");
        var planted = Write(Path.GetFileName(file), string.Join(broken, parts));
        var targets = Write(
            "planted.targets",
            $"""
            <Project>
              <ItemGroup>
                <Compile Remove="{file}" />
                <Compile Include="{planted}" />
              </ItemGroup>
            </Project>
            """
        );
        // Properties of the command line would hold for the projects that it refers to as well.
        var props = Write(
            "planted.props",
            $"""
            <Project>
              <PropertyGroup Condition="'$(MSBuildProjectName)' == 'Node'">
                <OutputPath>{_folder.FullName}/bin/</OutputPath>
                <IntermediateOutputPath>{_folder.FullName}/obj/</IntermediateOutputPath>
                <CustomAfterMicrosoftCommonTargets>{targets}</CustomAfterMicrosoftCommonTargets>
              </PropertyGroup>
            </Project>
            """
        );
        var said = BoundedProcess.Build(
            Path.Combine(NodeBinary.RepositoryRoot, Project),
            NodeBinary.Configuration,
            "--no-restore",
            "-p:BuildProjectReferences=false",
            $"-p:CustomBeforeDirectoryBuildProps={props}"
        );
        Assert.True(File.Exists(Program), $"{Program} was not built: {said}");
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
