// The rules of wording, each as a function from a file to what is wrong with it: the width of lines, the length of
// sentences, and words that may not come back. WordingTests applies them.
using System.Text.RegularExpressions;

namespace RaftLocks.Architecture.Tests;

internal static partial class Wording
{
    public const int MaxColumns = 120;
    public const int MaxWords = 35;

    // Old words of the project, as they stood in names: the glossary (docs/glossary.md) has those that are used now.
    private static readonly string[] Forbidden =
    [
        "AppliedLocks",
        "AskBack",
        "AwaitBeingAdded",
        "AwakeSlot",
        "BaseHeader",
        "BaseItem",
        "BaseReason",
        "Belonging",
        "Blow",
        "Bury",
        "Clientele",
        "CoalescingStream",
        "Convict",
        "DigestMark",
        "DropThrough",
        "DueCommands",
        "DueTimers",
        "ElectionSlice",
        "EndMark",
        "ExplainQuestion",
        "Farewell",
        "FirstLook",
        "Founder",
        "GatheringStream",
        "HaltKind",
        "HandOver",
        "HistoryDesk",
        "HistoryHub",
        "InDoubt",
        "LeaderAnswers",
        "LibraryLog",
        "LockTerms",
        "MarkBook",
        "NodeEnd",
        "Nudge",
        "Obstacle",
        "OnGrant",
        "OwnNames",
        "ParsedMessage",
        "PartsOfRound",
        "Patience",
        "PlaceInLine",
        "ProgressBoard",
        "ProgressTeller",
        "QuietHeap",
        "RecentEnds",
        "RevokeQuestion",
        "SessionDoubt",
        "SessionPeer",
        "SlowClients",
        "SnapshotPace",
        "SpaceCheck",
        "StateCheck",
        "StateFollower",
        "StrangerException",
        "Striker",
        "Tenure",
        "ToldBlocker",
        "ToldEvent",
        "ToldRequest",
        "ToldResource",
        "Unwant",
        "VoteFile",
    ];

    private static readonly string[][] ForbiddenWords = [.. Forbidden.Select(Words)];

    /// <summary>The lines of a source that are too wide. Lines of a raw string literal have the width of its
    /// text.</summary>
    public static IEnumerable<string> WideLines(SourceFile file) =>
        file.Path.EndsWith(".md", StringComparison.Ordinal)
            ? Wide(file, IsExcepted(file.Text, isMarkdown: true))
            : Wide(file, IsExcepted(file.Text, isMarkdown: false));

    /// <summary>The sentences of a document that are too long. Tables and code do not count.</summary>
    public static IEnumerable<string> LongSentences(SourceFile file) =>
        from paragraph in Paragraphs(file.Text)
        from sentence in SentenceEnd().Split(paragraph)
        let count = Spaces().Split(sentence.Trim()).Length
        where count > MaxWords
        select $"{file.Path}: {count} words: {sentence.Trim()}";

    /// <summary>The old words in the names and comments of a source, or in a document.</summary>
    public static IEnumerable<string> OldWords(SourceFile file)
    {
        var text = file.Path.EndsWith(".md", StringComparison.Ordinal)
            ? file.Text
            : Strings().Replace(file.Text, "\"\"");
        return from name in Name().Matches(text)
               let words = Words(name.Value)
               from old in ForbiddenWords
               where Contains(words, old)
               select $"{file.Path}: {name.Value}";
    }

    /// <summary>The summaries that are a question word and little more: they say nothing of their member.</summary>
    public static IEnumerable<string> EmptySummaries(SourceFile file) =>
        from summary in EmptySummary().Matches(file.Text)
        select $"{file.Path}: {summary.Groups["text"].Value}";

    private static IEnumerable<string> Wide(SourceFile file, Func<int, string, bool> isExcepted) =>
        from line in file.Text.Split('\n').Index()
        where line.Item.Length > MaxColumns && !isExcepted(line.Index, line.Item)
        select $"{file.Path}:{line.Index + 1}: {line.Item.Length} columns";

    private static Func<int, string, bool> IsExcepted(string text, bool isMarkdown)
    {
        var excepted = (isMarkdown ? Fence() : RawString())
            .Matches(text)
            .SelectMany(match =>
                Enumerable.Range(LineOf(text, match.Index), 1 + match.Value.Count(letter => letter == '\n'))
            )
            .ToHashSet();
        return (index, line) => excepted.Contains(index) || (isMarkdown && TableOrLink().IsMatch(line));
    }

    private static int LineOf(string text, int position) => text.AsSpan(0, position).Count('\n');

    // Paragraphs and the items of lists, each in one line.
    private static IEnumerable<string> Paragraphs(string document)
    {
        var text = Code().Replace(Fence().Replace(document, "\n"), "code");
        text = Link().Replace(TableOrHeading().Replace(text, "\n"), "${text}");
        return BetweenParagraphs()
            .Split(text)
            .Select(paragraph => ItemMarker().Replace(paragraph, "").Replace('\n', ' '));
    }

    private static string[] Words(string name) =>
        [.. Word().Matches(name).Select(word => word.Value.ToUpperInvariant())];

    private static bool Contains(string[] words, string[] old) =>
        Enumerable
            .Range(0, Math.Max(0, words.Length - old.Length + 1))
            .Any(start => words.AsSpan(start, old.Length).SequenceEqual(old))
        || (old.Length == 1 && words.Contains(old[0] + "S", StringComparer.Ordinal));

    [GeneratedRegex(
        """\$*(?<quotes>"{3,})[\s\S]*?\k<quotes>""",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 5000
    )]
    private static partial Regex RawString();

    [GeneratedRegex(
        """
            \$*(?<quotes>"{3,})[\s\S]*?\k<quotes>
            | [$@]*@\$?"(""|[^"])*"
            | "([^"\\\n]|\\.)*"
            """,
        RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace,
        matchTimeoutMilliseconds: 5000
    )]
    private static partial Regex Strings();

    [GeneratedRegex(@"^\s*```[\s\S]*?^\s*```", RegexOptions.Multiline, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Fence();

    [GeneratedRegex(
        @"^\s*(\||!?\[[^\]]*\]\([^)]*\)\s*$|<)",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex TableOrLink();

    [GeneratedRegex(
        @"^\s*(\||#).*$",
        RegexOptions.ExplicitCapture | RegexOptions.Multiline,
        matchTimeoutMilliseconds: 5000
    )]
    private static partial Regex TableOrHeading();

    [GeneratedRegex("`[^`]*`", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Code();

    [GeneratedRegex(@"\[(?<text>[^\]]*)\]\([^)]*\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Link();

    [GeneratedRegex(@"\n\s*\n|\n\s*(?=([-*]|\d+\.)\s)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex BetweenParagraphs();

    [GeneratedRegex(@"^\s*([-*]|\d+\.)\s+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex ItemMarker();

    [GeneratedRegex(@"(?<=[.!?])[""')*_]*\s+", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex SentenceEnd();

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Spaces();

    [GeneratedRegex(
        @"<summary>[\s/]*(?<text>(What|Which|Who|Whose|How|Where|When|Why)(\s[^\s<]+)?[.:;?]?)[\s/]*</summary>",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 5000
    )]
    private static partial Regex EmptySummary();

    [GeneratedRegex("[A-Za-z][A-Za-z0-9]*", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Name();

    [GeneratedRegex("[A-Z]+(?![a-z])|[A-Z]?[a-z]+", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Word();
}
