// Paths of the command line. Two who mean the same resource must name the same path, so spellings that people take for
// the same are refused, with the one that was probably meant: /orders/42, orders//42 and orders/42/ have empty segments
// and would be locks of their own.
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using RaftLocks.Client;

namespace RaftLocks.Cli.Shared;

internal static class LockPaths
{
    private const int MaxShown = 80;

    /// <summary>The option that takes every path as it is.</summary>
    public static Option<bool> RawOption() =>
        new("--raw-path") { Description = "Takes paths as they are, empty segments and blanks around segments too" };

    /// <summary>Lets an option's values be checked when they are parsed.</summary>
    public static void Check(Option option, Option<bool> raw) =>
        option.Validators.Add(result => Check(result, option.Name, result.Tokens, result.GetValue(raw)));

    /// <summary>Lets an argument be checked when it is parsed.</summary>
    public static void Check(Argument argument, Option<bool> raw) =>
        argument.Validators.Add(result => Check(result, argument.Name, result.Tokens, result.GetValue(raw)));

    /// <summary>Reads a path; what is wrong with it, or null.</summary>
    public static string? Parse(string text, bool isRaw, out string[] segments)
    {
        segments = [];
        try
        {
            segments = LockPath.Parse(text);
            if (!isRaw && Ambiguity(text, segments) is { } ambiguity)
            {
                return ambiguity;
            }

            LockResource.Write(segments);
            return null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
        catch (ArgumentException e)
        {
            return UsageException.Of(e).Message;
        }
    }

    /// <summary>A path as the nodes' pages take every path: a JSON array of its segments.</summary>
    /// <exception cref="UsageException">It is no path.</exception>
    public static string? ToParameter(string? text, bool isRaw)
    {
        if (text is null)
        {
            return null;
        }

        return Parse(text, isRaw, out var segments) is { } wrong
            ? throw new UsageException($"'{text}': {wrong}")
            : JsonSerializer.Serialize(segments);
    }

    private static void Check(SymbolResult result, string name, IEnumerable<Token> tokens, bool isRaw)
    {
        foreach (var token in tokens)
        {
            if (Parse(token.Value, isRaw, out _) is { } wrong)
            {
                var shown = token.Value.Length <= MaxShown ? token.Value : token.Value[..MaxShown] + "…";
                result.AddError($"{name} '{shown}': {wrong}");
            }
        }
    }

    private static string? Ambiguity(string text, string[] segments)
    {
        if (text.Length == 0)
        {
            return "the path is empty. Is a variable unset? (--raw-path takes it as it is.)";
        }

        var problem =
            segments.Any(segment => segment.Length == 0) ? "it has an empty segment. Is a variable unset?"
            : segments.Any(segment => segment != segment.Trim()) ? "it has blanks around a segment."
            : segments.Any(segment => segment is "." or "..")
                ? "locks know no '.' and no '..': they are segments like any other."
            : null;
        if (problem is null)
        {
            return null;
        }

        string[] meant = [.. segments.Select(segment => segment.Trim()).Where(segment => segment is not ("" or "."))];
        var hint = meant.Length == 0 || meant.Contains("..") ? "" : $" Did you mean '{LockPath.Format(meant)}'?";
        return $"{problem}{hint} (--raw-path takes it as it is.)";
    }
}
