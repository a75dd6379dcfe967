// Finds a parameter in a raw query string and undoes its escapes strictly, to UTF-8. ASP.NET Core's own reading leaves
// an escape that is no UTF-8 as it stands, so that two different queries would name the same namespace.
using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace RaftLocks.Protocol;

internal static class RawQuery
{
    /// <summary>
    /// All values of a parameter as UTF-8, in order; null when one of them is not percent-encoded UTF-8.
    /// </summary>
    public static List<byte[]>? ValuesOf(string name, string? rawQuery)
    {
        var values = new List<byte[]>(1);
        var query = rawQuery.AsSpan();
        if (query.StartsWith('?'))
        {
            query = query[1..];
        }

        foreach (var range in query.Split('&'))
        {
            var pair = query[range];
            var equals = pair.IndexOf('=');
            if (!Is(name, equals < 0 ? pair : pair[..equals]))
            {
                continue;
            }

            if (Unescape(equals < 0 ? default : pair[(equals + 1)..]) is not { } value)
            {
                return null;
            }

            values.Add(value);
        }

        return values;
    }

    private static bool Is(string name, ReadOnlySpan<char> raw) =>
        raw.SequenceEqual(name)
        || (raw.Contains('%') && Unescape(raw) is { } unescaped && Ascii.Equals(unescaped, name));

    private static byte[]? Unescape(ReadOnlySpan<char> raw)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(raw.Length)];
        var length = 0;
        while (!raw.IsEmpty)
        {
            if (raw[0] == '%')
            {
                if (
                    raw.Length < 3
                    || Convert.FromHexString(raw.Slice(1, 2), bytes.AsSpan(length), out _, out _)
                        != OperationStatus.Done
                )
                {
                    return null;
                }

                length++;
                raw = raw[3..];
            }
            else
            {
                if (Rune.DecodeFromUtf16(raw, out var rune, out var used) != OperationStatus.Done)
                {
                    return null;
                }

                // A plus stands for a space, as everywhere in queries.
                length += (rune.Value == '+' ? new Rune(' ') : rune).EncodeToUtf8(bytes.AsSpan(length));
                raw = raw[used..];
            }
        }

        return Utf8.IsValid(bytes.AsSpan(0, length)) ? bytes[..length] : null;
    }
}
