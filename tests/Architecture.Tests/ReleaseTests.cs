// What a release is made of agrees with the sources: versions, exit codes, packages.
using System.Text.RegularExpressions;

namespace RaftLocks.Architecture.Tests;

public partial class ReleaseTests
{
    // Those that a restart does not mend. A code that is neither here nor below needs a decision.
    private static readonly string[] Final = ["WrongSettings", "Halted", "Contradicted", "NewerData"];
    private static readonly string[] Passing = ["Ended", "CouldNotStart", "DiskFailed", "OutOfResources"];

    [Fact]
    public void Versions_come_from_the_tag_and_no_project_has_one_of_its_own() =>
        Assert.Empty(
            new[] { "src", "tests", "chaos", "bench", "samples" }
                .SelectMany(SourceTree.Projects)
                .SelectMany(project =>
                    project
                        .Xml.Descendants()
                        .Where(element => OwnVersion().IsMatch(element.Name.LocalName))
                        .Select(element => $"{project.Path}: {element.Name.LocalName}")
                )
        );

    [Fact]
    public void Each_exit_code_is_one_that_a_restart_may_mend_or_one_that_it_does_not() =>
        Assert.Equal(Final.Concat(Passing).Order(StringComparer.Ordinal), Codes().Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void The_unit_restarts_a_node_after_the_exit_codes_that_a_restart_may_mend_only()
    {
        var unit = Read("deploy/systemd/raftlocks-node.service");
        var prevented = Prevented().Match(unit).Groups["codes"].Value.Split(' ').Select(int.Parse);
        var codes = Codes();

        Assert.Equal(Final.Select(name => codes[name]).Order(), prevented.Order());
        Assert.Contains("\nRestart=on-failure\n", unit, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_of_exit_codes_says_the_same()
    {
        var codes = Codes();
        var rows = Row().Matches(Read("docs/operations.md"));

        Assert.Equal(
            codes.Values.Order(),
            rows.Select(row => int.Parse(row.Groups["code"].Value, System.Globalization.CultureInfo.InvariantCulture))
                .Order()
        );
        Assert.Equal(
            Final.Select(name => $"{codes[name]}").Order(StringComparer.Ordinal),
            rows.Where(row => row.Groups["restart"].Value == "no")
                .Select(row => row.Groups["code"].Value)
                .Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Each_package_has_a_readme_and_an_icon()
    {
        var packages = SourceTree
            .Projects("src")
            .Where(project => project.Xml.Descendants("PackageId").Any())
            .ToArray();

        Assert.Equal(3, packages.Length);
        Assert.All(
            packages,
            package =>
            {
                Assert.Single(package.Xml.Descendants("PackageReadmeFile"));
                Assert.Single(package.Xml.Descendants("PackageIcon"));
                Assert.True(File.Exists(Path.Combine(SourceTree.Root, "src", package.Name, "README.md")));
            }
        );
    }

    private static Dictionary<string, int> Codes() =>
        Code()
            .Matches(Read("src/Node/Foundation/ExitCodes.cs"))
            .ToDictionary(
                code => code.Groups["name"].Value,
                code => int.Parse(code.Groups["code"].Value, System.Globalization.CultureInfo.InvariantCulture),
                StringComparer.Ordinal
            );

    private static string Read(string path) => File.ReadAllText(Path.Combine(SourceTree.Root, path));

    [GeneratedRegex(
        "^(Package|Assembly|File|Informational)?Version(Prefix|Suffix)?$",
        RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex OwnVersion();

    [GeneratedRegex(@"public const int (?<name>\w+) = (?<code>\d+);", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Code();

    [GeneratedRegex(
        "^RestartPreventExitStatus=(?<codes>.*)$",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Prevented();

    [GeneratedRegex(
        @"(?<=^## Exit codes\n(.*\n)*?)\| (?<code>\d+) \|.*\| (?<restart>[^|]*?) ?\|$",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        5000
    )]
    private static partial Regex Row();
}
