// All living descendants of a process, as /proc shows them. Who has left its session or forked twice is still one of
// them, because the process at the root is a subreaper: it inherits what its descendants leave behind.
using System.Globalization;
using System.Text;

namespace RaftLocks.Cli.Guard;

internal static class ProcessTree
{
    private const char Zombie = 'Z';
    private const char Dead = 'X';
    private const int MaxStatBytes = 4096;

    /// <summary>The descendants that still run, parents before their children.</summary>
    public static List<int> DescendantsOf(int root)
    {
        var children = new Dictionary<int, List<(int Id, bool Runs)>>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (
                int.TryParse(
                    Path.GetFileName(folder.AsSpan()),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var id
                ) && StateOf(id) is var (state, parent)
            )
            {
                if (!children.TryGetValue(parent, out var siblings))
                {
                    children[parent] = siblings = [];
                }

                siblings.Add((id, state is not (Zombie or Dead)));
            }
        }

        var found = new List<int>();
        var queue = new Queue<int>([root]);
        while (queue.TryDequeue(out var parent))
        {
            foreach (var (id, runs) in children.GetValueOrDefault(parent) ?? [])
            {
                queue.Enqueue(id);
                if (runs)
                {
                    found.Add(id);
                }
            }
        }

        return found;
    }

    /// <summary>Whether a process is stopped, by a signal or by a debugger.</summary>
    public static bool IsStopped(int process) => StateOf(process) is ('T' or 't', _);

    /// <summary>Sends a signal to each of them; true if there were any.</summary>
    public static bool Signal(IReadOnlyCollection<int> processes, int signal)
    {
        foreach (var process in processes)
        {
            _ = Libc.Kill(process, signal);
        }

        return processes.Count > 0;
    }

    /// <summary>State and parent; null if the process has gone.</summary>
    private static (char State, int Parent)? StateOf(int process)
    {
        try
        {
            using var file = File.OpenHandle(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            Span<byte> bytes = stackalloc byte[MaxStatBytes];
            var stat = bytes[..RandomAccess.Read(file, bytes, 0)];

            // "17 (name) S 1 …": the name may hold anything, blanks and brackets too.
            var rest = stat[(stat.LastIndexOf((byte)')') + 2)..];
            var parent = rest[2..];
            return int.TryParse(
                parent[..parent.IndexOf((byte)' ')],
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var id
            )
                ? ((char)rest[0], id)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>
    /// The signals that this process was told to ignore when it was started (nohup, a shell's background jobs).
    /// </summary>
    public static HashSet<int> IgnoredSignals()
    {
        const string Field = "SigIgn:";
        try
        {
            var line = File.ReadLines("/proc/self/status", Encoding.ASCII)
                .FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal));
            var mask = line is null
                ? 0
                : ulong.Parse(
                    line.AsSpan(Field.Length).Trim(),
                    NumberStyles.AllowHexSpecifier,
                    CultureInfo.InvariantCulture
                );
            return [.. Enumerable.Range(1, 64).Where(signal => (mask >> (signal - 1) & 1) == 1)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return [];
        }
    }
}
