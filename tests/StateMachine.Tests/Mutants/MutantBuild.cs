// Builds the state machine once as it is and once for each mutant, all in one build, and runs this test assembly's
// property against such a build: both are loaded apart from the ones under test, so that the property meets the mutant.
using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;

namespace RaftLocks.StateMachine.Tests.Mutants;

public sealed class MutantBuild : IDisposable
{
    private const string Sound = "sound";

    // One project, restored once: its target builds it anew for each variant, which has one file of its own and shares
    // the others.
    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <LangVersion>latest</LangVersion>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <AssemblyName>RaftLocks.StateMachine</AssemblyName>
            <Variant Condition="'$(Variant)' == ''">sound</Variant>
            <EnableDefaultCompileItems>false</EnableDefaultCompileItems>
            <RunAnalyzers>false</RunAnalyzers>
            <UseSharedCompilation>true</UseSharedCompilation>
            <IntermediateOutputPath>obj/$(Variant)/</IntermediateOutputPath>
            <OutputPath>out/$(Variant)</OutputPath>
            <AppendTargetFrameworkToOutputPath>false</AppendTargetFrameworkToOutputPath>
          </PropertyGroup>
          <ItemGroup>
            <InternalsVisibleTo Include="RaftLocks.StateMachine.Tests" />
            <Compile Include="sound/**/*.cs" Exclude="sound/$(Changed)" />
            <Compile Include="$(Variant)/**/*.cs" Exclude="@(Compile)" />
            VARIANTS
          </ItemGroup>
          <Target Name="Variants">
            <MSBuild Projects="$(MSBuildProjectFile)" BuildInParallel="true" ContinueOnError="true"
                     Properties="Variant=%(Variant.Identity);Changed=%(Variant.Changed)" />
          </Target>
        </Project>
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("raftlocks-mutant-").FullName;
    private readonly string said;

    public MutantBuild()
    {
        foreach (var file in Sources(SourceTree.StateMachine))
        {
            Write(Sound, Path.GetRelativePath(SourceTree.StateMachine, file), File.ReadAllText(file));
        }

        var variants = new List<string> { $"""<Variant Include="{Sound}" />""" };
        for (var i = 0; i < Mutant.All.Length; i++)
        {
            var mutant = Mutant.All[i];
            Write(
                VariantOf(mutant),
                mutant.File,
                SoundText(mutant).Replace(mutant.Original, mutant.Broken, StringComparison.Ordinal)
            );
            variants.Add($"""<Variant Include="{VariantOf(mutant)}" Changed="{mutant.File}" />""");
        }

        // Nothing of the repository's own settings: a mutant may well upset the analyzers.
        File.WriteAllText(Path.Combine(folder, "Directory.Build.props"), "<Project />");
        File.WriteAllText(
            Path.Combine(folder, "Mutant.csproj"),
            Project.Replace("VARIANTS", string.Concat(variants), StringComparison.Ordinal)
        );
        said = Build();
    }

    /// <summary>What the property says of this mutant, or of the sound build: null if it found nothing.</summary>
    public string? FindFailure(Mutant? mutant, int schedules)
    {
        if (mutant is not null)
        {
            Assert.Contains(mutant.Original, SoundText(mutant), StringComparison.Ordinal);
        }

        var variant = mutant is null ? Sound : VariantOf(mutant);
        var assembly = Path.Combine(folder, "out", variant, "RaftLocks.StateMachine.dll");
        Assert.True(File.Exists(assembly), said);
        return Run(assembly, schedules);
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
        Directory
            .EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal))
            .Where(f => !f.Contains("/bin/", StringComparison.Ordinal));

    private static string VariantOf(Mutant mutant) => $"mutant{Array.IndexOf(Mutant.All, mutant)}";

    private static string? Run(string assembly, int schedules)
    {
        var context = new MutantContext(assembly);
        try
        {
            var tests = context.LoadFromAssemblyPath(typeof(OneRuleCheck).Assembly.Location);
            var check = tests.GetType(typeof(OneRuleCheck).FullName!)!;
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

    private string SoundText(Mutant mutant) => File.ReadAllText(Path.Combine(folder, Sound, mutant.File));

    private void Write(string variant, string file, string text)
    {
        var path = Path.Combine(folder, variant, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>Builds all variants; what does not build is missing then, and why stands in what is returned.</summary>
    private string Build()
    {
        var start = new ProcessStartInfo("dotnet", ["build", "-t:Variants", "-v", "q", "--nologo", "-nodeReuse:false"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var build = Process.Start(start)!;
        var output = build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        return output;
    }

    private sealed class MutantContext(string mutant) : AssemblyLoadContext(isCollectible: true)
    {
        protected override Assembly? Load(AssemblyName assemblyName) =>
            assemblyName.Name == "RaftLocks.StateMachine" ? LoadFromAssemblyPath(mutant) : null;
    }
}
