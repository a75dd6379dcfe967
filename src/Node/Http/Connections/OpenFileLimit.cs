// How many files and sockets the system lets this process have open. The runtime raises the soft limit to the hard
// one at its start.
using System.Globalization;

namespace RaftLocks.Node.Http;

internal static class OpenFileLimit
{
    private const string Source = "/proc/self/limits";
    private const string Line = "Max open files";

    /// <summary>The limit; <see cref="int.MaxValue"/> where there is none, or the system does not tell.</summary>
    public static int Read() => File.Exists(Source) ? Parse(File.ReadLines(Source)) : int.MaxValue;

    /// <summary>Reads the soft limit from the lines of /proc/PID/limits.</summary>
    internal static int Parse(IEnumerable<string> lines)
    {
        var line = lines.FirstOrDefault(line => line.StartsWith(Line, StringComparison.Ordinal));
        var soft = line?[Line.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var files)
            ? (int)Math.Min(files, int.MaxValue)
            : int.MaxValue;
    }
}
