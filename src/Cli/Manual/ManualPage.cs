// A manual page (man 7) of a command, made of what the command line says of itself: so the two never differ. The node
// compiles this file too.
using System.CommandLine;
using System.CommandLine.Help;
using System.Text;

namespace RaftLocks.Cli.Manual;

/// <summary>Writes the manual page of one command.</summary>
/// <param name="command">The command.</param>
/// <param name="called">The words that call it, as in "raftlocks member add".</param>
/// <param name="section">The section of the manual: 1 for commands, 8 for what administrators run.</param>
/// <param name="details">What the help says beyond the description: paragraphs, examples, exit codes.</param>
internal sealed class ManualPage(Command command, string called, int section, string details)
{
    private const string Examples = "Examples:";
    private const string ExitCodes = "Exit codes:";

    private readonly StringBuilder page = new();

    /// <summary>The name of the page's file.</summary>
    public string FileName => $"{PageName}.{section}";

    /// <summary>Whether something is shown in the help, and so in the manual.</summary>
    public static bool IsShown(Symbol symbol) => !symbol.Hidden && symbol is not VersionOption;

    /// <summary>Writes the page.</summary>
    /// <param name="version">The version for the page's foot.</param>
    public string Write(string version)
    {
        var paragraphs = Paragraphs();
        page.Clear();
        Line($".TH {PageName.ToUpperInvariant()} {section} \"\" \"RaftLocks {version}\" \"RaftLocks\"");
        Section("NAME");
        Line($"{Dashes(PageName)} \\- {Escape(paragraphs[0].ReplaceLineEndings(" ").TrimEnd('.'))}");
        Section("SYNOPSIS");
        Line(Synopsis());
        WriteDescription(paragraphs);
        WriteItems("COMMANDS", command.Subcommands.Where(IsShown), child => (Bold(child.Name), FirstParagraph(child)));
        WriteItems(
            "ARGUMENTS",
            command.Arguments.Where(IsShown),
            argument => (Italic(argument.Name), TextOf(argument))
        );
        WriteItems("OPTIONS", command.Options.Where(IsShown), option => (Head(option), TextOf(option)));
        WriteBlock("EXAMPLES", paragraphs, Examples);
        WriteBlock("EXIT STATUS", paragraphs, ExitCodes);
        WriteSeeAlso();
        return page.ToString();
    }

    private string PageName => called.Replace(' ', '-');

    private string[] Paragraphs() =>
        [
            .. $"{command.Description}\n\n{details}"
                .ReplaceLineEndings("\n")
                .Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        ];

    private static string FirstParagraph(Command child) => (child.Description ?? "").Split("\n\n", 2)[0];

    private string Synopsis()
    {
        var parts = new List<string> { Bold(called) };
        if (command.Subcommands.Any(IsShown))
        {
            parts.Add(Italic("COMMAND"));
        }

        if (command.Options.Any(IsShown))
        {
            parts.Add($"[{Italic("OPTIONS")}]");
        }

        parts.AddRange(
            command
                .Arguments.Where(IsShown)
                .Select(argument =>
                    Italic(argument.Name) is var name && argument.Arity.MinimumNumberOfValues > 0
                        ? Repeated(name, argument)
                        : $"[{Repeated(name, argument)}]"
                )
        );
        return string.Join(' ', parts);
    }

    private static string Repeated(string name, Argument argument) =>
        argument.Arity.MaximumNumberOfValues > 1 ? name + "..." : name;

    private void WriteDescription(string[] paragraphs)
    {
        Section("DESCRIPTION");
        foreach (var paragraph in paragraphs.Where(text => !IsOf(text, Examples) && !IsOf(text, ExitCodes)))
        {
            Line(".PP");
            WriteText(paragraph);
        }
    }

    // Lines that are indented are shown as they are: lists of commands, above all.
    private void WriteText(string paragraph)
    {
        var isAsIs = false;
        foreach (var line in paragraph.Split('\n'))
        {
            if (line.StartsWith(' ') != isAsIs)
            {
                Line(isAsIs ? ".fi" : ".nf");
                isAsIs = !isAsIs;
            }

            Line(Escape(line));
        }

        if (isAsIs)
        {
            Line(".fi");
        }
    }

    private void WriteItems<T>(string heading, IEnumerable<T> items, Func<T, (string Head, string Text)> write)
    {
        var written = items.Select(write).ToList();
        if (written.Count == 0)
        {
            return;
        }

        Section(heading);
        foreach (var (head, text) in written)
        {
            Line(".TP");
            Line(head);
            Line(Escape(text.ReplaceLineEndings(" ")));
        }
    }

    private void WriteBlock(string heading, string[] paragraphs, string opening)
    {
        foreach (var paragraph in paragraphs.Where(text => IsOf(text, opening)))
        {
            Section(heading);
            Line(".nf");
            foreach (var line in paragraph[opening.Length..].Trim('\n', ' ').Split('\n'))
            {
                Line(Escape(line.StartsWith("  ", StringComparison.Ordinal) ? line[2..] : line));
            }

            Line(".fi");
        }
    }

    private void WriteSeeAlso()
    {
        var others = new List<string>();
        if (called.LastIndexOf(' ') is > 0 and var end)
        {
            others.Add(called[..end]);
        }

        others.AddRange(command.Subcommands.Where(IsShown).Select(child => $"{called} {child.Name}"));
        if (others.Count > 0)
        {
            Section("SEE ALSO");
            Line(string.Join(",\n", others.Select(name => $"{Bold(name.Replace(' ', '-'))}({section})")));
        }
    }

    private static string Head(Option option)
    {
        var names = string.Join(", ", option.Aliases.Prepend(option.Name).Select(Bold));
        var takesNone = option is HelpOption || (option.ValueType == typeof(bool) && option.HelpName is null);
        return takesNone
            ? names
            : $"{names} {Italic(option.HelpName ?? option.Name.TrimStart('-').ToUpperInvariant())}";
    }

    private static string TextOf(Argument argument) => argument.Description ?? "";

    private static string TextOf(Option option)
    {
        var text = option.Description ?? "";
        return
            option is { HasDefaultValue: true, HelpName: not null }
            && option.GetDefaultValue() is { } value and not bool
            ? Default(text, value)
            : text;
    }

    private static string Default(string text, object value) =>
        value is not string and System.Collections.IEnumerable || value.ToString() is not { Length: > 0 } shown
            ? text
            : $"{text} [default: {shown}]";

    private static bool IsOf(string paragraph, string opening) =>
        paragraph.StartsWith(opening, StringComparison.Ordinal);

    private void Section(string heading) => Line($".SH \"{heading}\"");

    private void Line(string text) => page.Append(text).Append('\n');

    private static string Bold(string text) => $"\\fB{Dashes(Escape(text))}\\fR";

    private static string Italic(string text) => $"\\fI{Dashes(Escape(text))}\\fR";

    // A dash that can be copied into a shell, not a hyphen.
    private static string Dashes(string text) => text.Replace("-", "\\-", StringComparison.Ordinal);

    // A backslash begins a request within a line; a full stop or an apostrophe at its beginning makes it one.
    private static string Escape(string text)
    {
        var escaped = text.Replace("\\", "\\e", StringComparison.Ordinal);
        return escaped.TrimStart().StartsWith('.') || escaped.TrimStart().StartsWith('\'') ? "\\&" + escaped : escaped;
    }
}
