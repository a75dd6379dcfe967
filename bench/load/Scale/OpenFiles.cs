using System.Globalization;

namespace RaftLocks.Load.Scale;

// .NET raises the soft limit of open files to the hard one by itself, in this process and in the nodes alike; the hard
// one is the system's.

/// <summary>The limit of open files of each process.</summary>
internal static class OpenFiles
{
    private const int ForAllElse = 500;

    /// <summary>Fails early, and says what to do, if so many connections can't be open.</summary>
    /// <exception cref="InvalidOperationException">There may be too few.</exception>
    public static void Need(int connections)
    {
        var words = File.ReadLines("/proc/self/limits")
            .First(line => line.StartsWith("Max open files", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var most = words[4] == "unlimited" ? long.MaxValue : long.Parse(words[4], CultureInfo.InvariantCulture);
        if (connections + ForAllElse > most)
        {
            throw new InvalidOperationException(
                $"{connections} connections need as many open files in one process, and the hard limit is {most}: "
                    + "raise it (ulimit -Hn, or LimitNOFILE of the service)."
            );
        }
    }
}
