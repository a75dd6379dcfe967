// The query of a connection: ?namespace=NAMESPACE&abandon-timeout-ms=TIMEOUT, and the extensions session, label,
// progress and extensions. It is read from the raw text, so that an escape that is not UTF-8 is refused, never
// replaced. What is wrong is answered 400 with a sentence; unknown parameters are ignored.
using System.Buffers;
using System.Globalization;

namespace RaftLocks.Protocol;

/// <summary>The query with which a client connects.</summary>
/// <param name="Namespace">Name, UTF-8.</param>
/// <param name="AbandonTimeoutMs">Null for the server's default.</param>
public sealed record ConnectQuery(ReadOnlyMemory<byte> Namespace, long? AbandonTimeoutMs)
{
    /// <summary>The name of the first parameter.</summary>
    public const string NamespaceParameter = "namespace";

    /// <summary>The name of the second.</summary>
    public const string AbandonTimeoutParameter = "abandon-timeout-ms";

    /// <summary>The name of the session's.</summary>
    public const string SessionParameter = "session";

    /// <summary>The name of the label's.</summary>
    public const string LabelParameter = "label";

    /// <summary>The name of the parameter that asks for the position in the queue.</summary>
    public const string ProgressParameter = "progress";

    /// <summary>The name of the parameter that asks for messages that v1 does not have.</summary>
    public const string ExtensionsParameter = "extensions";

    private static readonly SearchValues<byte> TokenLetters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"u8
    );

    /// <summary>The session's token, ASCII; empty for a connection without one.</summary>
    public ReadOnlyMemory<byte> Token { get; init; }

    /// <summary>The label of the client, for people, UTF-8; may be empty.</summary>
    public ReadOnlyMemory<byte> Label { get; init; }

    /// <summary>Whether the client wants its position in the queue.</summary>
    public bool Progress { get; init; }

    /// <summary>
    /// Whether the client understands messages that v1 does not have: it said so, or asked for a session or for
    /// progress.
    /// </summary>
    public bool Extended { get; init; }

    /// <summary>Reads a raw query such as "?namespace=a&amp;abandon-timeout-ms=1000".</summary>
    /// <returns>Null, or what is wrong with it, as a sentence.</returns>
    public static string? Parse(string? rawQuery, MessageLimits limits, out ConnectQuery? query)
    {
        long? abandonTimeoutMs = null;
        var (token, label) = (Array.Empty<byte>(), Array.Empty<byte>());
        var (progress, extensions) = (false, false);
        var error =
            ParseNamespace(rawQuery, limits, out var name)
            ?? ParseAbandonTimeout(rawQuery, limits, out abandonTimeoutMs)
            ?? ParseToken(rawQuery, limits, out token)
            ?? ParseLabel(rawQuery, limits, out label)
            ?? ParseSwitch(rawQuery, ProgressParameter, out progress)
            ?? ParseSwitch(rawQuery, ExtensionsParameter, out extensions);
        query = error is null
            ? new ConnectQuery(name, abandonTimeoutMs)
            {
                Token = token,
                Label = label,
                Progress = progress,
                Extended = extensions || progress || token.Length > 0,
            }
            : null;
        return error;
    }

    /// <summary>Reads the namespace alone.</summary>
    /// <returns>Null, or what is wrong with it, as a sentence.</returns>
    public static string? ParseNamespace(string? rawQuery, MessageLimits limits, out byte[] name)
    {
        var values = RawQuery.ValuesOf(NamespaceParameter, rawQuery);
        name = values is [var first, ..] ? first : [];
        return values switch
        {
            null => $"The parameter '{NamespaceParameter}' is not percent-encoded UTF-8.",
            [{ Length: 0 }] or not [_] =>
                $"Give the parameter '{NamespaceParameter}' once, as in ?{NamespaceParameter}=NAME.",
            [var one] when one.Length > limits.MaxNamespaceBytes =>
                $"The namespace's name is longer than {limits.MaxNamespaceBytes} bytes.",
            _ => null,
        };
    }

    private static string? ParseAbandonTimeout(string? rawQuery, MessageLimits limits, out long? abandonTimeoutMs)
    {
        abandonTimeoutMs = null;
        var values = RawQuery.ValuesOf(AbandonTimeoutParameter, rawQuery);
        if (values is [])
        {
            return null;
        }

        // Digits only: TryParse by itself takes a zero byte at the end. A number too large for 64 bits fails to parse
        // and is refused like any other beyond the limit.
        if (
            values is [var one]
            && !one.AsSpan().ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && long.TryParse(one, NumberStyles.None, CultureInfo.InvariantCulture, out var ms)
            && ms <= limits.MaxAbandonTimeoutMs
        )
        {
            abandonTimeoutMs = ms;
            return null;
        }

        return $"Give '{AbandonTimeoutParameter}' once, as a whole number of milliseconds from 0 to "
            + $"{limits.MaxAbandonTimeoutMs}.";
    }

    private static string? ParseToken(string? rawQuery, MessageLimits limits, out byte[] token)
    {
        var values = RawQuery.ValuesOf(SessionParameter, rawQuery);
        token = values is [var one] ? one : [];
        var wellFormed =
            values is []
            || (
                values is [_]
                && token.Length >= limits.MinTokenLength
                && token.Length <= limits.MaxTokenLength
                && !token.AsSpan().ContainsAnyExcept(TokenLetters)
            );
        return wellFormed
            ? null
            : $"Give '{SessionParameter}' once, as {limits.MinTokenLength} to {limits.MaxTokenLength} letters, "
                + "digits, '-', '.', '_' or '~' that nobody can guess.";
    }

    private static string? ParseLabel(string? rawQuery, MessageLimits limits, out byte[] label)
    {
        var values = RawQuery.ValuesOf(LabelParameter, rawQuery);
        label = values is [var one] ? one : [];
        return values is { Count: <= 1 } && label.Length <= limits.MaxLabelBytes
            ? null
            : $"Give '{LabelParameter}' once, as at most {limits.MaxLabelBytes} bytes of percent-encoded UTF-8.";
    }

    private static string? ParseSwitch(string? rawQuery, string name, out bool on)
    {
        var values = RawQuery.ValuesOf(name, rawQuery);
        on = values is [[(byte)'1']];
        return on || values is [] or [[(byte)'0']] ? null : $"Give '{name}' once, as 1 or 0.";
    }
}
