// All parts of the program in memory. While a lock is held for hours, an upgrade may replace the program's file. A part
// that is wanted only then, when the connection breaks, would be sought in the other file and not be found.
using System.Reflection;

namespace RaftLocks.Cli.Shared;

internal static class WholeProgram
{
    // A command that is done by then pays nothing for it.
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(2);

    /// <summary>Loads everything after a moment, beside the command.</summary>
    public static void LoadSoon() =>
        _ = Task.Run(async () =>
        {
            await Task.Delay(Delay);
            Load();
        });

    /// <summary>Loads all assemblies that this one refers to, and those that they do; returns their number.</summary>
    public static int Load()
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        var loaded = new Stack<Assembly>([typeof(WholeProgram).Assembly]);
        while (loaded.TryPop(out var assembly))
        {
            foreach (var name in assembly.GetReferencedAssemblies())
            {
                if (known.Add(name.Name!) && TryLoad(name) is { } found)
                {
                    loaded.Push(found);
                }
            }
        }

        return known.Count;
    }

    // A library may refer to one that only other systems have, and does without it here.
    private static Assembly? TryLoad(AssemblyName name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (Exception e) when (e is IOException or BadImageFormatException)
        {
            return null;
        }
    }
}
