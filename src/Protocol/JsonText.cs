// Reading strings from JSON without allocating and without exceptions for escapes that are half a surrogate pair
// ("\ud800"), which Utf8JsonReader lets pass until the text is unescaped.
using System.Text;
using System.Text.Json;

namespace RaftLocks.Protocol;

internal static class JsonText
{
    private const int MaxQuotedBytes = 20;

    // Longer than any word of the protocol even when each of its letters is written as an escape of six bytes.
    private const int MaxEscapedWordBytes = 64;

    /// <summary>Whether the current string or property name is this word.</summary>
    public static bool TextIs(this ref Utf8JsonReader reader, ReadOnlySpan<byte> word)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan.SequenceEqual(word);
        }

        Span<byte> text = stackalloc byte[MaxEscapedWordBytes];
        return TryUnescape(ref reader, text, out var length) && text[..length].SequenceEqual(word);
    }

    /// <summary>Whether the current string is this word in any letter case.</summary>
    public static bool TextIsIgnoringCase(this ref Utf8JsonReader reader, ReadOnlySpan<byte> word)
    {
        if (!reader.ValueIsEscaped)
        {
            return Ascii.EqualsIgnoreCase(reader.ValueSpan, word);
        }

        Span<byte> text = stackalloc byte[MaxEscapedWordBytes];
        return TryUnescape(ref reader, text, out var length) && Ascii.EqualsIgnoreCase(text[..length], word);
    }

    /// <summary>
    /// Copies the current string or property name, unescaped; false when it is too long or not valid Unicode.
    /// </summary>
    public static bool TryUnescape(this ref Utf8JsonReader reader, scoped Span<byte> into, out int length)
    {
        length = 0;
        if (reader.ValueSpan.Length > into.Length)
        {
            return false;
        }

        if (!reader.ValueIsEscaped)
        {
            reader.ValueSpan.CopyTo(into);
            length = reader.ValueSpan.Length;
            return true;
        }

        try
        {
            length = reader.CopyString(into);
            return true;
        }
        catch (InvalidOperationException)
        {
            // The reader's way to say that an escape is half a surrogate pair.
            return false;
        }
    }

    /// <summary>The current string as it was sent, cut, for a reason.</summary>
    public static string Quoted(this ref Utf8JsonReader reader)
    {
        var text = Encoding.UTF8.GetString(reader.ValueSpan);
        var shortened = Refusal.Shorten(text, MaxQuotedBytes);
        return shortened.Length == text.Length ? $"\"{text}\"" : $"\"{shortened}…\"";
    }

    /// <summary>Names the kind of a value, for a reason.</summary>
    public static string InWords(this JsonTokenType token) =>
        token switch
        {
            JsonTokenType.StartObject => "an object",
            JsonTokenType.StartArray => "an array",
            JsonTokenType.String => "a string",
            JsonTokenType.Number => "a number",
            JsonTokenType.True or JsonTokenType.False => "a boolean",
            _ => "null",
        };
}
