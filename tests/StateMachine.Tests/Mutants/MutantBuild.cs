// Builds a copy of the state machine, broken or not, and runs this test assembly's property against that build: both are loaded
// apart from the ones under test, so that the property meets the mutant.
using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;

namespace RaftLocks.StateMachine.Tests.Mutants;

public sealed class MutantBuild : IDisposable
{
    private const string Project =
        """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <LangVersion>latest</LangVersion>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <AssemblyName>RaftLocks.StateMachine</AssemblyName>
            <OutputPath>out/$(Variant)</OutputPath>
            <AppendTargetFrameworkToOutputPath>false</AppendTargetFrameworkToOutputPath>
          </PropertyGroup>
          <ItemGroup><InternalsVisibleTo Include="RaftLocks.StateMachine.Tests" /></ItemGroup>
        </Project>
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("raftlocks-mutant-").FullName;
    private int variants;

    public MutantBuild()
    {
        // Nothing of the repository's own settings: a mutant may well upset the analyzers.
        File.WriteAllText(Path.Combine(folder, "Directory.Build.props"), "<Project />");
        File.WriteAllText(Path.Combine(folder, "Mutant.csproj"), Project);
        foreach (var file in Sources(SourceTree.StateMachine))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(SourceTree.StateMachine, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    /// <summary>What the property says of this mutant, or of the sound build: null if it found nothing.</summary>
    public string? FindFailure(Mutant? mutant, int schedules)
    {
        var undo = mutant is null ? null : Break(mutant);
        try
        {
            return Run(Compile(), schedules);
        }
        finally
        {
            undo?.Invoke();
        }
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // A loaded assembly may still be mapped; the folder for temporary files is cleaned by the system.
        }
    }

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal));

    private static string? Run(string assembly, int schedules)
    {
        var context = new MutantContext(assembly);
        try
        {
            var check = context.LoadFromAssemblyPath(typeof(OneRuleCheck).Assembly.Location).GetType(typeof(OneRuleCheck).FullName!)!;
            check.GetMethod(nameof(OneRuleCheck.CheckSchedules))!.Invoke(null, [schedules]);
            return null;
        }
        catch (TargetInvocationException e)
        {
            return e.InnerException!.Message;
        }
        finally
        {
            context.Unload();
        }
    }

    private Action Break(Mutant mutant)
    {
        var path = Path.Combine(folder, mutant.File);
        var sound = File.ReadAllText(path);
        Assert.Contains(mutant.Original, sound, StringComparison.Ordinal);
        File.WriteAllText(path, sound.Replace(mutant.Original, mutant.Broken, StringComparison.Ordinal));
        return () => File.WriteAllText(path, sound);
    }

    private string Compile()
    {
        var variant = $"v{variants++}";
        var start = new ProcessStartInfo("dotnet", ["build", "-v", "q", "--nologo", $"-p:Variant={variant}", "-p:UseAppHost=false"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var build = Process.Start(start)!;
        var output = build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        Assert.True(build.ExitCode == 0, output);
        return Path.Combine(folder, "out", variant, "RaftLocks.StateMachine.dll");
    }

    private sealed class MutantContext(string mutant) : AssemblyLoadContext(isCollectible: true)
    {
        protected override Assembly? Load(AssemblyName assemblyName) =>
            assemblyName.Name == "RaftLocks.StateMachine" ? LoadFromAssemblyPath(mutant) : null;
    }
}
