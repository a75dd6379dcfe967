// The state machine depends on nothing, and its analyzer really refuses clocks, randomness, tasks and I/O.
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using RaftLocks.StateMachine.State;

namespace RaftLocks.StateMachine.Tests;

public partial class PurityTests
{
    // They work while it is built, and are not part of it.
    private static readonly string[] Tools =
    [
        "Meziantou.Analyzer",
        "Microsoft.CodeAnalysis.BannedApiAnalyzers",
        "MinVer",
    ];

    private static readonly string[] Impure =
    [
        "System.DateTime.Now",
        "System.DateTime.UtcNow",
        "System.DateTime.Today",
        "System.DateTimeOffset.Now",
        "System.DateTimeOffset.UtcNow",
        "System.TimeProvider.System",
        "System.Diagnostics.Stopwatch.GetTimestamp()",
        "System.Environment.TickCount64",
        "System.Guid.NewGuid()",
        "System.Guid.CreateVersion7()",
        "new System.Random(1)",
        "System.Random.Shared",
        "System.Security.Cryptography.RandomNumberGenerator.GetInt32(9)",
        "new object().GetHashCode()",
        "\"seeded\".GetHashCode()",
        "System.HashCode.Combine(1)",
        "System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(null)",
        "System.Threading.Tasks.Task.CompletedTask",
        "System.Threading.Tasks.Task.FromResult(1)",
        "new System.Threading.Tasks.ValueTask<int>(1)",
        "System.Threading.Thread.CurrentThread",
        "System.Threading.ThreadPool.ThreadCount",
        "new System.Threading.Timer(_ => { })",
        "System.Threading.Tasks.Parallel.For(0, 1, _ => { })",
        "System.IO.File.Exists(null)",
        "System.IO.Directory.Exists(null)",
        "new System.IO.FileStream(null!, System.IO.FileMode.Open)",
        "new System.IO.StreamReader(\"\")",
        "new System.IO.FileInfo(\"\")",
        "System.Console.Out",
        "System.Environment.MachineName",
        "System.AppContext.BaseDirectory",
        "System.Diagnostics.Process.GetCurrentProcess()",
        "new System.Net.Http.HttpClient()",
        "System.Globalization.CultureInfo.CurrentCulture",
    ];

    [Fact]
    public void The_project_references_no_package_and_no_project()
    {
        var project = Path.Combine(SourceTree.StateMachine, "StateMachine.csproj");
        Assert.DoesNotContain(XDocument.Load(project).Descendants(), IsReference);
        var inherited = Inherited().SelectMany(f => XDocument.Load(f).Descendants()).Where(IsReference).ToList();
        Assert.Equal(Tools, inherited.Select(r => r.Attribute("Include")?.Value).Order(StringComparer.Ordinal));
        Assert.All(inherited, r => Assert.Equal("all", r.Attribute("PrivateAssets")?.Value));
    }

    [Fact]
    public void The_assembly_refers_to_nothing_but_the_runtime() =>
        Assert.All(
            typeof(LockStateMachine).Assembly.GetReferencedAssemblies(),
            a => Assert.StartsWith("System.", a.Name, StringComparison.Ordinal)
        );

    [Fact]
    [Trait("Category", "Slow")]
    public void The_analyzer_refuses_each_impure_call()
    {
        var folder = Directory.CreateTempSubdirectory("raftlocks-impure-");
        try
        {
            File.WriteAllText(
                Path.Combine(folder.FullName, "Impure.cs"),
                string.Concat(
                    "internal static class Impure { public static object?[] All() => [\n",
                    string.Concat(Impure.Select(i => i + ",\n")),
                    "]; }"
                )
            );
            var refused = RefusedLine()
                .Matches(Build(folder.FullName))
                .Select(m => int.Parse(m.Groups["line"].Value, CultureInfo.InvariantCulture) - 2);
            Assert.Equal(Impure, refused.Distinct().Order().Select(line => Impure[line]));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>
    /// Builds with the state machine's own list of banned symbols and the repository's own analyzers.
    /// </summary>
    private static string Build(string folder)
    {
        var root = Root().FullName;
        var banned = Path.Combine(SourceTree.StateMachine, "BannedSymbols.txt");
        File.Copy(Path.Combine(root, "Directory.Packages.props"), Path.Combine(folder, "Directory.Packages.props"));
        File.Copy(Path.Combine(root, "Directory.Build.props"), Path.Combine(folder, "Directory.Build.props"));
        File.WriteAllText(
            Path.Combine(folder, "Impure.csproj"),
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TreatWarningsAsErrors>false</TreatWarningsAsErrors></PropertyGroup>
              <ItemGroup><AdditionalFiles Include="{banned}" /></ItemGroup>
            </Project>
            """
        );
        var start = new ProcessStartInfo("dotnet", ["build", "--nologo", "-p:UseAppHost=false"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var build = Process.Start(start)!;
        var output = build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        Assert.True(build.ExitCode == 0, output);
        return output;
    }

    /// <summary>What the project inherits from the folders above it.</summary>
    private static List<string> Inherited()
    {
        var files = new List<string>();
        var root = Root().FullName;
        for (var folder = Directory.GetParent(SourceTree.StateMachine); folder is not null; folder = folder.Parent)
        {
            files.AddRange(Directory.EnumerateFiles(folder.FullName, "Directory.Build.*"));
            if (folder.FullName == root)
            {
                break;
            }
        }

        return files;
    }

    private static DirectoryInfo Root()
    {
        var folder = Directory.GetParent(SourceTree.StateMachine)!;
        while (!File.Exists(Path.Combine(folder.FullName, "RaftLocks.sln")))
        {
            folder = folder.Parent!;
        }

        return folder;
    }

    private static bool IsReference(XElement element) =>
        element.Name.LocalName
            is "PackageReference"
                or "ProjectReference"
                or "Reference"
                or "FrameworkReference"
                or "GlobalPackageReference";

    [GeneratedRegex(
        @"Impure\.cs\((?<line>\d+),\d+\): warning RS0030",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 5_000
    )]
    private static partial Regex RefusedLine();
}
