// Finds the processes of a command by a mark in their environment: whatever they do to get away from their parent, that
// they keep.
using System.Globalization;
using System.Text;

namespace RaftLocks.Cli.Tests;

/// <summary>A command whose processes can be found again.</summary>
internal sealed class Marked
{
    private readonly string mark = $"RAFTLOCKS_TEST_MARK={Guid.NewGuid():N}";

    /// <summary>A shell script as a marked command.</summary>
    public string[] Shell(string script) => ["env", mark, "sh", "-c", script];

    /// <summary>Its processes that still run.</summary>
    public int[] Running()
    {
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (
                int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && IsMarked(folder)
            )
            {
                found.Add(id);
            }
        }

        return [.. found];
    }

    /// <summary>Waits until so many run at least.</summary>
    public Task RunAsync(int count) =>
        Eventually.HoldsAsync(
            $"{count} processes run",
            TimeSpan.FromSeconds(30),
            () => Task.FromResult(Running().Length >= count)
        );

    private bool IsMarked(string folder)
    {
        try
        {
            var stat = File.ReadAllText(folder + "/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X')
                && File.ReadAllText(folder + "/environ", Encoding.UTF8)
                    .Split('\0')
                    .Contains(mark, StringComparer.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
