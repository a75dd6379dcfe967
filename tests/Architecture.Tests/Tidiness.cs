// The rules of tidiness, each as a function from a file to what is wrong with it, or null. TidyTests applies them.
using System.Text.RegularExpressions;

namespace RaftLocks.Architecture.Tests;

internal static partial class Tidiness
{
    public const int MaxLines = 350;

    public static string? IsShort(SourceFile file) =>
        file.Text.Count(letter => letter == '\n') is var lines && lines > MaxLines
            ? $"{lines} lines; more than {MaxLines} is more than one idea: split it"
            : null;

    public static string? OpensWithAComment(SourceFile file) =>
        file.Text.StartsWith("//", StringComparison.Ordinal)
            ? null
            : "open with a comment of two or three lines that tells a newcomer what stands here";

    public static string? LeavesNothingForLater(SourceFile file) =>
        Later().Match(file.Text) is { Success: true } later ? $"'{later.Value}': do it, or write an issue" : null;

    public static string? NamesSaySomething(SourceFile file) =>
        EmptyName().Match(file.Text) is { Success: true } name ? $"'{name.Value}': name it for what it does" : null;

    public static string? SortsItsUsings(SourceFile file)
    {
        var usings = PlainUsing().Matches(file.Text).Select(found => found.Groups["name"].Value).ToArray();
        var sorted = usings.OrderBy(IsOthers).ThenBy(name => name, StringComparer.OrdinalIgnoreCase);
        return usings.SequenceEqual(sorted, StringComparer.Ordinal)
            ? null
            : "usings of System come first, and each kind in the order of the alphabet";

        static bool IsOthers(string name) => name.Split('.')[0] != "System";
    }

    public static string? EndsItsLinesWithLf(SourceFile file) =>
        file.Text.Contains('\r', StringComparison.Ordinal) ? "line ends are LF"
        : !file.Text.EndsWith('\n') ? "the last line has no end"
        : null;

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Later();

    [GeneratedRegex(@"^using (?<name>[\w.]+);$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PlainUsing();

    [GeneratedRegex(
        @"\b(class|struct|record|interface|enum)\s+\w*(Manager|Helpers?|Utils?|Utilities)\b",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex EmptyName();
}
