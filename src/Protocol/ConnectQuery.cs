// The query of a connection: ?namespace=NAMESPACE&abandon-timeout-ms=TIMEOUT. It is read from the raw text, so that an escape that is
// not UTF-8 is refused, never replaced. What is wrong is answered 400 with a sentence; unknown parameters are ignored.
using System.Globalization;

namespace RaftLocks.Protocol;

/// <summary>What a client says when it connects.</summary>
/// <param name="Namespace">Name, UTF-8.</param>
/// <param name="AbandonTimeoutMs">Null for the server's default.</param>
public sealed record ConnectQuery(ReadOnlyMemory<byte> Namespace, long? AbandonTimeoutMs)
{
    /// <summary>The name of the first parameter.</summary>
    public const string NamespaceParameter = "namespace";

    /// <summary>The name of the second.</summary>
    public const string AbandonTimeoutParameter = "abandon-timeout-ms";

    /// <summary>Reads a raw query such as "?namespace=a&amp;abandon-timeout-ms=1000"; null and an error if it is not as it should be.</summary>
    public static ConnectQuery? TryParse(string? rawQuery, MessageLimits limits, out string? error) =>
        TryNamespace(rawQuery, limits, out error) is { } name && TryAbandonTimeout(rawQuery, limits, out var abandonTimeoutMs, out error)
            ? new ConnectQuery(name, abandonTimeoutMs)
            : null;

    /// <summary>Reads the namespace alone.</summary>
    public static byte[]? TryNamespace(string? rawQuery, MessageLimits limits, out string? error)
    {
        var values = RawQuery.ValuesOf(NamespaceParameter, rawQuery);
        error = values switch
        {
            null => $"The parameter '{NamespaceParameter}' is not percent-encoded UTF-8.",
            [{ Length: 0 }] or not [_] => $"Give the parameter '{NamespaceParameter}' once, as in ?{NamespaceParameter}=NAME.",
            [var one] when one.Length > limits.MaxNamespaceBytes => $"The namespace's name is longer than {limits.MaxNamespaceBytes} bytes.",
            _ => null,
        };
        return error is null ? values![0] : null;
    }

    private static bool TryAbandonTimeout(string? rawQuery, MessageLimits limits, out long? abandonTimeoutMs, out string? error)
    {
        abandonTimeoutMs = null;
        error = null;
        var values = RawQuery.ValuesOf(AbandonTimeoutParameter, rawQuery);
        if (values is [])
        {
            return true;
        }

        // Digits only: TryParse by itself takes a zero byte at the end. A number too large for 64 bits fails to parse and is refused
        // like any other beyond the limit.
        if (values is [var one]
            && !one.AsSpan().ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && long.TryParse(one, NumberStyles.None, CultureInfo.InvariantCulture, out var ms)
            && ms <= limits.MaxAbandonTimeoutMs)
        {
            abandonTimeoutMs = ms;
            return true;
        }

        error = $"Give '{AbandonTimeoutParameter}' once, as a whole number of milliseconds from 0 to {limits.MaxAbandonTimeoutMs}.";
        return false;
    }
}
