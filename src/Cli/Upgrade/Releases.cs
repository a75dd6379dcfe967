// Which release understands which feature level: the table in docs/operations.md (Feature levels), which a test
// compares.
namespace RaftLocks.Cli.Upgrade;

internal static class Releases
{
    private static readonly string[] FirstWithLevel = ["0.1.0", "0.1.0", "0.2.0"];

    /// <summary>The highest feature level that this program knows.</summary>
    public static int HighestLevel => FirstWithLevel.Length;

    /// <summary>The first release that understands a level; null if this program does not know the level.</summary>
    public static string? First(int level) =>
        level > 0 && level <= FirstWithLevel.Length ? FirstWithLevel[level - 1] : null;

    /// <summary>
    /// The highest level that this program knows a version to understand. A version before a release counts as that
    /// release. Null if the text is no version.
    /// </summary>
    public static int? LevelOf(string version) =>
        Number(version) is { } number
            ? Array.FindLastIndex(FirstWithLevel, first => Number(first) <= number) + 1
            : null;

    /// <summary>The three numbers of a version, without what makes it a prerelease; null if it has none.</summary>
    public static Version? Number(string version) =>
        Version.TryParse(version.Split('-', '~', '+')[0], out var number) && number is { Build: >= 0, Revision: -1 }
            ? number
            : null;
}
