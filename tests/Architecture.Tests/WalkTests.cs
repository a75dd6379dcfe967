// The way of one lock, as docs/architecture.md lists it: each file that it names is there, and the page counts right.
using System.Globalization;
using System.Text.RegularExpressions;

namespace RaftLocks.Architecture.Tests;

public partial class WalkTests
{
    // Clearly fewer than the 66 files and 14 forms of before.
    private const int MaxFiles = 50;
    private const int MaxForms = 12;

    private static readonly string[] OtherEnds = ["src/Client", "src/Ledger/Proof/", "src/Dashboard/"];

    private static readonly string Section = SectionOf(
        File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "architecture.md")),
        "## One lock from frame to frame"
    );

    [Fact]
    public void Each_file_on_the_way_of_a_lock_is_in_the_sources_once() =>
        Assert.All(
            Files(),
            name =>
                Assert.Single(
                    SourceTree.Files("src", ".cs"),
                    file => file.Path.EndsWith("/" + name, StringComparison.Ordinal) && IsOnTheWay(file.Path)
                )
        );

    [Fact]
    public void The_page_counts_right_and_the_way_has_not_grown()
    {
        var said = Counts().Match(Section.Replace('\n', ' '));

        Assert.Equal(Files().Length, Number(said, "files"));
        Assert.Equal(Rows().Length, Number(said, "forms"));
        Assert.InRange(Files().Length, 1, MaxFiles);
        Assert.InRange(Rows().Length, 1, MaxForms);
    }

    // The client, the proof and the dashboard have files of the same names for their own ends.
    private static bool IsOnTheWay(string path) =>
        !Array.Exists(OtherEnds, folder => path.StartsWith(folder, StringComparison.Ordinal));

    private static string[] Rows() =>
        [
            .. Section
                .Split('\n')
                .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
                .Where(line => !line.StartsWith("| what it is", StringComparison.Ordinal)),
        ];

    private static string[] Files() =>
        [
            .. Rows()
                .SelectMany(row => FileName().Matches(row).Select(name => name.Value))
                .Distinct(StringComparer.Ordinal),
        ];

    private static int Number(Match said, string what) =>
        int.Parse(said.Groups[what].Value, CultureInfo.InvariantCulture);

    private static string SectionOf(string text, string heading)
    {
        var from = text.IndexOf(heading, StringComparison.Ordinal);
        return text[from..text.IndexOf("\n## ", from + 1, StringComparison.Ordinal)];
    }

    [GeneratedRegex(@"[\w.]+\.cs\b", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FileName();

    [GeneratedRegex(
        @"It passes (?<files>\d+) files in (?<forms>\d+) forms",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Counts();
}
