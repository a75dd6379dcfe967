// What raftlocks and its guard say to each other: lines over two pipes that no other process has. The end of a pipe
// says that the other one is gone.
using System.Globalization;

namespace RaftLocks.Cli.Guard;

/// <summary>The messages between raftlocks and its guard.</summary>
internal static class GuardProtocol
{
    /// <summary>The first argument of the program as a guard.</summary>
    public const string Mode = "__guard";

    // To the guard.
    public const string Go = "go";
    public const string Signal = "signal";
    public const string End = "end";
    public const string Ping = "ping";
    public const string Resume = "resume";

    // From the guard.
    public const string Started = "started";
    public const string Failed = "failed";
    public const string Remnants = "remnants";
    public const string Stuck = "stuck";
    public const string Exited = "exited";
    public const string Pong = "pong";
    public const string Suspended = "suspended";

    /// <summary>A line: a word and what belongs to it.</summary>
    public static string Line(string word, params ReadOnlySpan<long> numbers)
    {
        var line = word;
        foreach (var number in numbers)
        {
            line += " " + number.ToString(CultureInfo.InvariantCulture);
        }

        return line;
    }

    /// <summary>Splits a line into its word and the rest.</summary>
    public static (string Word, string Text) Read(string line) =>
        line.IndexOf(' ', StringComparison.Ordinal) is >= 0 and var at ? (line[..at], line[(at + 1)..]) : (line, "");

    /// <summary>The numbers behind a word.</summary>
    public static long[] Numbers(string text) =>
        [
            .. text.Split(' ')
                .Select(part =>
                    long.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                        ? number
                        : 0
                ),
        ];
}
