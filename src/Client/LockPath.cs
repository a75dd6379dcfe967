// Paths as people write them: a/b/c. A slash within a segment is written \/ and a backslash \\, so that every path can
// be written.
using System.Text;

namespace RaftLocks.Client;

/// <summary>Converts paths to text and back.</summary>
public static class LockPath
{
    private const char Separator = '/';
    private const char Escape = '\\';

    /// <summary>Writes segments as a/b/c.</summary>
    /// <param name="segments">The segments of a path.</param>
    /// <returns>The path as text.</returns>
    public static string Format(IReadOnlyList<string> segments)
    {
        ArgumentNullException.ThrowIfNull(segments);
        return string.Join(
            Separator,
            segments.Select(segment =>
                segment.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("/", @"\/", StringComparison.Ordinal)
            )
        );
    }

    /// <summary>Reads a/b/c as segments.</summary>
    /// <param name="text">The path as text.</param>
    /// <returns>The segments of the path; at least one, which may be empty.</returns>
    /// <exception cref="FormatException">A backslash stands before something else than a slash or a
    /// backslash.</exception>
    public static string[] Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var segments = new List<string>();
        var segment = new StringBuilder();
        for (var at = 0; at < text.Length; at++)
        {
            switch (text[at])
            {
                case Separator:
                    segments.Add(segment.ToString());
                    segment.Clear();
                    break;
                case Escape when at + 1 < text.Length && text[at + 1] is Separator or Escape:
                    segment.Append(text[++at]);
                    break;
                case Escape:
                    throw new FormatException(
                        $@"'{text}': a backslash stands before a slash (\/) or a backslash (\\) only."
                    );
                default:
                    segment.Append(text[at]);
                    break;
            }
        }

        segments.Add(segment.ToString());
        return [.. segments];
    }
}
