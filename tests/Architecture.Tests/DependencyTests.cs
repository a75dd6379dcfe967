// Who may depend on whom: the arrows of docs/architecture.md.
using System.Reflection;

namespace RaftLocks.Architecture.Tests;

public class DependencyTests
{
    // A project that is not here yet needs a decision, so it fails the test until it has its line.
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Api"] = [],
        ["StateMachine"] = [],
        ["Protocol"] = [],
        ["Ledger"] = ["src/StateMachine"],
        ["Journal"] = ["src/StateMachine", "src/Ledger"],
        ["Dashboard"] = ["src/Api"],
        ["Node"] = ["src/Api", "src/StateMachine", "src/Protocol", "src/Ledger", "src/Journal", "src/Dashboard"],
        ["Client"] = [],
        ["Client.DistributedLock"] = ["src/Client"],
        ["Cli"] = ["src/Api", "src/Client", "src/StateMachine", "src/Ledger", "src/Journal"],
    };

    [Fact]
    public void Each_project_in_src_depends_on_no_more_than_it_may()
    {
        var projects = SourceTree.Projects("src");

        Assert.NotEmpty(projects);
        Assert.All(
            projects,
            project =>
            {
                Assert.True(
                    Allowed.TryGetValue(project.Name, out var allowed),
                    $"{project.Path}: say in this test what the new project may depend on"
                );
                Assert.Empty(project.Projects.Except(allowed!, StringComparer.Ordinal));
            }
        );
    }

    [Theory]
    [InlineData("StateMachine")]
    [InlineData("Protocol")]
    public void The_pure_projects_name_no_project_and_no_package(string name)
    {
        var project = Assert.Single(
            SourceTree.Projects("src"),
            project => string.Equals(project.Name, name, StringComparison.Ordinal)
        );

        Assert.Empty(project.Projects);
        Assert.Empty(project.Packages);
    }

    [Theory]
    [InlineData(typeof(StateMachine.State.LockStateMachine))]
    [InlineData(typeof(Protocol.MessageParser))]
    public void The_pure_assemblies_refer_to_the_base_library_only_and_not_to_its_network(Type inside)
    {
        var references = inside.Assembly.GetReferencedAssemblies().Select(reference => reference.Name!).ToArray();

        Assert.NotEmpty(references);
        Assert.All(
            references,
            reference =>
            {
                Assert.StartsWith("System.", reference, StringComparison.Ordinal);
                Assert.False(
                    reference.StartsWith("System.Net", StringComparison.Ordinal),
                    $"{inside.Assembly.GetName().Name} refers to {reference}"
                );
            }
        );
    }

    // It checks the product from outside: with the product's own code it would share the product's errors. (The
    // clients of the library that chaos checks are what is checked: a program of their own, which chaos starts.)
    [Fact]
    public void What_checks_over_the_wire_shares_no_code_with_the_product() =>
        Assert.All(
            SourceTree
                .Projects("chaos")
                .Concat(SourceTree.Projects("tests/Cluster.Tests"))
                .Where(project => project.Name != "clients"),
            project =>
                Assert.DoesNotContain(
                    project.Projects,
                    path => path.StartsWith("src/", StringComparison.Ordinal) && !IsOnlyBuilt(project, path)
                )
        );

    // ReferenceOutputAssembly="false": built before, but not linked.
    private static bool IsOnlyBuilt(ProjectFile project, string path) =>
        project
            .Xml.Descendants("ProjectReference")
            .Any(reference =>
                reference.Attribute("Include")!.Value.Contains(path, StringComparison.Ordinal)
                && string.Equals(
                    reference.Attribute("ReferenceOutputAssembly")?.Value,
                    "false",
                    StringComparison.OrdinalIgnoreCase
                )
            );
}
