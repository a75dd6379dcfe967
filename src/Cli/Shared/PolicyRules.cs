// Rules of policies as people write them: "lock,observe billing* eu/42".
using RaftLocks.Api;
using RaftLocks.Client;

namespace RaftLocks.Cli.Shared;

internal static class PolicyRules
{
    /// <summary>The verbs, for the help.</summary>
    public const string Verbs =
        "lock (lock-read and lock-write), lock-read, lock-write, observe, history, revoke, admin, all";

    private const int Parts = 3;

    private static readonly string[] Lock = ["lock-read", "lock-write"];
    private static readonly string[] All = [.. Lock, "observe", "history", "revoke", "admin"];

    /// <summary>Reads a rule.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static PolicyRuleInfo Parse(string text)
    {
        var parts = text.Split(' ', Parts, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length < 2)
        {
            throw new UsageException(
                $"--allow '{text}': say VERB[,VERB…] NAMESPACE[*] [PATH], as in --allow 'lock,observe billing* eu/42'."
            );
        }

        var verbs = parts[0]
            .Split(',', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(Words)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        var isPrefix = parts[1].EndsWith('*');
        string[] path = [];
        if (parts.Length == Parts && LockPaths.Parse(parts[2], isRaw: false, out path) is { } wrong)
        {
            throw new UsageException($"--allow '{text}': {wrong}");
        }

        return new PolicyRuleInfo(verbs, isPrefix ? parts[1][..^1] : parts[1], isPrefix, path);
    }

    /// <summary>A path as it is written.</summary>
    public static string Format(IReadOnlyList<string> path) => LockPath.Format([.. path]);

    // The node knows which words are verbs.
    private static string[] Words(string word) =>
        word switch
        {
            "lock" => Lock,
            "all" => All,
            _ => [word],
        };
}
