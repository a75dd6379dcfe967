// The scripts that plant bugs replace passages of the sources. A passage that was rewritten can't be planted any more,
// and nobody would notice before the next long run of the script: so each passage is looked for here.
using System.Text.RegularExpressions;

namespace RaftLocks.Architecture.Tests;

public partial class PlantedBugTests
{
    [Theory]
    [InlineData("chaos/planted-bugs.sh", 1)]
    [InlineData("tests/Simulation.Tests/planted-bugs.sh", 1)]
    [InlineData("tests/ManyClusters.Tests/planted-bugs.sh", 2)]
    public void Each_passage_that_a_script_replaces_stands_in_the_sources_once(string script, int fileAt)
    {
        var bugs = BugsOf(File.ReadAllText(Path.Combine(SourceTree.Root, script)));

        Assert.NotEmpty(bugs);
        Assert.All(
            bugs,
            bug =>
                Assert.True(
                    CountOf(bug[fileAt], bug[fileAt + 1]) == 1,
                    $"{script}: '{bug[0]}' does not stand once in {bug[fileAt]}"
                )
        );
    }

    [Fact]
    public void A_passage_that_is_gone_or_stands_twice_is_noticed()
    {
        Assert.Equal(0, CountOf("src/Node/Program.cs", "a passage that nobody ever wrote"));
        Assert.True(CountOf("src/Node/Program.cs", "using ") > 1);
    }

    // Rows of a bash array: parts with bars between them; a bar, an ampersand and a new line within a part are escaped.
    private static List<string[]> BugsOf(string script) =>
        [
            .. Row()
                .Matches(
                    script[
                        script.IndexOf("bugs=(", StringComparison.Ordinal)..script.IndexOf(
                            "\n)\n",
                            StringComparison.Ordinal
                        )
                    ]
                )
                .Select(row =>
                    Bar()
                        .Split(row.Groups["row"].Value)
                        .Select(part =>
                            part.Replace("\\|", "|", StringComparison.Ordinal)
                                .Replace("\\&", "&", StringComparison.Ordinal)
                                .Replace("\\n", "\n", StringComparison.Ordinal)
                        )
                        .ToArray()
                ),
        ];

    private static int CountOf(string files, string passage)
    {
        var (folder, pattern) = (Path.GetDirectoryName(files)!, Path.GetFileName(files));
        return Directory
            .GetFiles(Path.Combine(SourceTree.Root, folder), pattern)
            .Sum(file => File.ReadAllText(file).Split(passage).Length - 1);
    }

    [GeneratedRegex(
        "^  '(?<row>.*)'$",
        RegexOptions.ExplicitCapture | RegexOptions.Multiline,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Row();

    [GeneratedRegex(@"(?<!\\)\|", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Bar();
}
