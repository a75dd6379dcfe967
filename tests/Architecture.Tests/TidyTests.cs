// Applies the rules of tidiness to the sources, and shows that each of them can fail.
namespace RaftLocks.Architecture.Tests;

public class TidyTests
{
    [Fact]
    public void Files_in_src_are_short() => AssertAll(Tidiness.IsShort, SourceTree.Files("src", ".cs"));

    [Fact]
    public void Files_in_src_open_with_a_comment() =>
        AssertAll(Tidiness.OpensWithAComment, SourceTree.Files("src", ".cs"));

    [Fact]
    public void Nothing_in_src_is_left_for_later() =>
        AssertAll(Tidiness.LeavesNothingForLater, SourceTree.Files("src", ".cs"));

    [Fact]
    public void Names_in_src_say_something() => AssertAll(Tidiness.NamesSaySomething, SourceTree.Files("src", ".cs"));

    [Fact]
    public void Usings_are_sorted() =>
        AssertAll(
            Tidiness.SortsItsUsings,
            new[] { "src", "tests", "bench", "chaos", "samples" }.SelectMany(folder => SourceTree.Files(folder, ".cs"))
        );

    [Fact]
    public void Lines_end_with_LF_everywhere() =>
        AssertAll(
            Tidiness.EndsItsLinesWithLf,
            new[] { "src", "tests", "bench", "chaos", "docs", "scripts" }.SelectMany(folder =>
                SourceTree.Files(folder, ".cs", ".csproj", ".props", ".md", ".sh", ".json", ".mjs", ".py")
            )
        );

    [Fact]
    public void Each_rule_can_fail()
    {
        const string tidy = "// A file.\nclass LockTree;\n";

        AssertNoticed(Tidiness.IsShort, tidy, string.Concat(Enumerable.Repeat("//\n", Tidiness.MaxLines + 1)));
        AssertNoticed(Tidiness.OpensWithAComment, tidy, "using System;\n// A file.\n");
        AssertNoticed(Tidiness.LeavesNothingForLater, tidy, "// A file. " + "TO" + "DO: the rest\n");
        AssertNoticed(
            Tidiness.NamesSaySomething,
            tidy,
            "public sealed class LockManager;\n",
            "static class StringUtils;\n",
            "record struct PathHelper(int X);\n"
        );
        AssertNoticed(
            Tidiness.SortsItsUsings,
            "using System;\nusing System.Text;\nusing Aaa;\nusing RaftLocks.Api;\n",
            "using System.Text;\nusing System;\n",
            "using Aaa;\nusing System;\n",
            "using RaftLocks.Node;\nusing RaftLocks.Api;\n"
        );
        AssertNoticed(Tidiness.EndsItsLinesWithLf, tidy, "// A file.\r\n", "// A file.");
    }

    private static void AssertAll(Func<SourceFile, string?> rule, IEnumerable<SourceFile> files)
    {
        var all = files.ToArray();
        Assert.NotEmpty(all);
        Assert.Empty(
            all.Select(file => (file.Path, Wrong: rule(file)))
                .Where(found => found.Wrong is not null)
                .Select(found => $"{found.Path}: {found.Wrong}")
        );
    }

    private static void AssertNoticed(Func<SourceFile, string?> rule, string tidy, params string[] untidy)
    {
        Assert.Null(rule(new SourceFile("x.cs", tidy)));
        Assert.All(untidy, text => Assert.NotNull(rule(new SourceFile("x.cs", text))));
    }
}
