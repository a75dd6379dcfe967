// Applies the rules of wording to the sources and documents, and shows that each of them can fail.
namespace RaftLocks.Architecture.Tests;

public class WordingTests
{
    private static readonly string[] Folders = ["src", "tests", "chaos", "bench", "samples", "docs"];

    // The test itself has the words that it looks for.
    private static readonly string[] Own =
    [
        "tests/Architecture.Tests/Wording.cs",
        "tests/Architecture.Tests/WordingTests.cs",
    ];

    [Fact]
    public void No_line_is_wider_than_120_columns() =>
        Assert.Empty(Sources().Concat(Documents()).SelectMany(Wording.WideLines));

    [Fact]
    public void No_sentence_of_a_document_is_longer_than_35_words() =>
        Assert.Empty(Documents().SelectMany(Wording.LongSentences));

    [Fact]
    public void Old_words_do_not_come_back() =>
        Assert.Empty(Sources().Concat(Documents()).Where(file => !IsOwn(file)).SelectMany(Wording.OldWords));

    [Fact]
    public void A_wide_line_is_noticed_except_in_tables_code_and_raw_strings()
    {
        var wide = new string('x', Wording.MaxColumns + 1);

        Assert.Single(Wording.WideLines(new SourceFile("x.cs", $"// {wide}\n")));
        Assert.Single(Wording.WideLines(new SourceFile("x.md", $"{wide}\n")));
        Assert.Empty(Wording.WideLines(new SourceFile("x.cs", $"{wide[1..]}\n")));
        Assert.Empty(Wording.WideLines(new SourceFile("x.cs", $"var x = \"\"\"\n    {wide}\n    \"\"\";\n")));
        Assert.Empty(Wording.WideLines(new SourceFile("x.md", $"| {wide} |\n```\n{wide}\n```\n[{wide}](x.md)\n")));
    }

    [Fact]
    public void A_long_sentence_is_noticed_across_lines_but_not_across_items_and_full_stops()
    {
        var half = string.Join(' ', Enumerable.Repeat("word", 20));

        Assert.Single(Wording.LongSentences(new SourceFile("x.md", $"{half}\n{half}.\n")));
        Assert.Empty(Wording.LongSentences(new SourceFile("x.md", $"{half}. {half}.\n\n- {half}\n- {half}\n")));
        Assert.Empty(Wording.LongSentences(new SourceFile("x.md", $"| {half} {half} |\n")));
        Assert.Empty(Wording.LongSentences(new SourceFile("x.md", $"{half} `{half}`.\n")));
    }

    [Fact]
    public void A_summary_is_about_its_member() =>
        Assert.Empty(Sources().Where(file => !IsOwn(file)).SelectMany(Wording.EmptySummaries));

    [Theory]
    [InlineData("/// <summary>Which.</summary>", true)]
    [InlineData("/// <summary>What happened.</summary>", true)]
    [InlineData("/// <summary>\n    /// How many.\n    /// </summary>", true)]
    [InlineData("/// <summary>How long it may wait, ms.</summary>", false)]
    [InlineData("/// <summary>The kind of the event.</summary>", false)]
    public void An_empty_summary_is_noticed(string text, bool isEmpty) =>
        Assert.Equal(isEmpty, Wording.EmptySummaries(new SourceFile("x.cs", text)).Any());

    [Theory]
    [InlineData("x.cs", "class Tenure;", true)]
    [InlineData("x.cs", "var lastVoteFile = 1;", true)]
    [InlineData("x.cs", "// see VoteFile.cs", true)]
    [InlineData("x.cs", "// the founders", true)]
    [InlineData("x.md", "A `MarkBook` has it.", true)]
    [InlineData("x.cs", "var x = \"the founders\";", false)]
    [InlineData("x.cs", "var founded = tenured;", false)]
    [InlineData("x.md", "There is no doubt.", false)]
    public void An_old_word_is_noticed(string path, string text, bool isOld) =>
        Assert.Equal(isOld, Wording.OldWords(new SourceFile(path, text)).Any());

    private static bool IsOwn(SourceFile file) => Own.Contains(file.Path, StringComparer.Ordinal);

    private static IEnumerable<SourceFile> Sources() => Folders.SelectMany(folder => SourceTree.Files(folder, ".cs"));

    // All but the list of changes, which tells of the past in the words of its time.
    private static IEnumerable<SourceFile> Documents() =>
        Folders
            .SelectMany(folder => SourceTree.Files(folder, ".md"))
            .Concat(
                new[] { "README.md", "CONTRIBUTING.md" }.Select(path => new SourceFile(
                    path,
                    File.ReadAllText(Path.Combine(SourceTree.Root, path))
                ))
            );
}
