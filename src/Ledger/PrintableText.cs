// Text that somebody else chose (labels, paths, namespaces, reasons), made fit for a terminal: an escape sequence in a
// label could otherwise rewrite the screen of the operator who lists the locks, and a line break or a change of the
// writing direction could forge a row.
using System.Globalization;
using System.Text;

namespace RaftLocks.Ledger;

/// <summary>Makes text fit for a terminal.</summary>
public static class PrintableText
{
    /// <summary>The text with every character that is not shown as itself written as <c>\u001b</c>.</summary>
    public static string Of(string text)
    {
        var first = 0;
        while (first < text.Length && IsShown(text[first]))
        {
            first++;
        }

        if (first == text.Length)
        {
            return text;
        }

        var shown = new StringBuilder(text, 0, first, text.Length + 16);
        foreach (var character in text.AsSpan(first))
        {
            _ = IsShown(character)
                ? shown.Append(character)
                : shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
        }

        return shown.ToString();
    }

    // Surrogates come in pairs here: the text was decoded from UTF-8.
    private static bool IsShown(char character) =>
        character is >= ' ' and <= '~'
        || char.GetUnicodeCategory(character)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
            );
}
