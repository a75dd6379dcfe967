// A control group of its own for the command, where this process may make one: the kernel then knows all that belongs
// to the command and ends all of it at once, however fast it forks. Where that is impossible, the walk through /proc
// does the same in a few passes.
using System.Globalization;

namespace RaftLocks.Cli.Guard;

/// <summary>A group that was made for one command.</summary>
internal sealed class CommandCgroup
{
    /// <summary>Set to "off", no group is made.</summary>
    public const string Variable = "RAFTLOCKS_CGROUP";

    private const string Type = "cgroup2";

    private readonly string parent;
    private readonly string folder;

    private CommandCgroup(string parent)
    {
        this.parent = parent;
        folder = Path.Combine(
            parent,
            Prefix(Environment.ProcessId) + Environment.TickCount64.ToString(CultureInfo.InvariantCulture)
        );
    }

    /// <summary>Makes a group; null where that is impossible or not this process's business.</summary>
    public static CommandCgroup? MakeIfAllowed()
    {
        // On a system that systemd manages, its groups are its own: except those that it delegates, which belong to an
        // ordinary user.
        if (
            Environment.GetEnvironmentVariable(Variable) == "off"
            || (Directory.Exists("/run/systemd/system") && Libc.GetUser() == 0)
        )
        {
            return null;
        }

        try
        {
            if (OwnFolder() is not { } own || !File.Exists(Path.Combine(own, "cgroup.procs")))
            {
                return null;
            }

            var made = new CommandCgroup(own);
            Directory.CreateDirectory(made.folder);
            if (File.Exists(Path.Combine(made.folder, "cgroup.kill")))
            {
                return made;
            }

            made.Remove();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Ends all members of the group of a guard that was killed.</summary>
    public static void KillOf(int guard)
    {
        foreach (var left in FoldersOf(guard))
        {
            Write(left, "cgroup.kill", "1");
        }
    }

    /// <summary>Removes what a guard that was killed has left, if nothing is left in it.</summary>
    public static void RemoveOf(int guard)
    {
        foreach (var left in FoldersOf(guard))
        {
            Remove(left);
        }
    }

    /// <summary>Runs something as a member of the group: what it starts stays in it.</summary>
    public T Within<T>(Func<T> start)
    {
        var isInside = Write(folder, "cgroup.procs", "0");
        try
        {
            return start();
        }
        finally
        {
            if (isInside)
            {
                Write(parent, "cgroup.procs", "0");
            }
        }
    }

    /// <summary>Ends all its members.</summary>
    public void Kill() => Write(folder, "cgroup.kill", "1");

    /// <summary>Removes the group, if nothing is left in it.</summary>
    public void Remove() => Remove(folder);

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A member is left that nobody could end, or the kernel is not done with it: an empty group costs nothing.
        }
    }

    private static string[] FoldersOf(int guard)
    {
        try
        {
            return OwnFolder() is { } own ? Directory.GetDirectories(own, Prefix(guard) + "*") : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string Prefix(int guard) => string.Create(CultureInfo.InvariantCulture, $"raftlocks-{guard}-");

    private static bool Write(string folder, string file, string text)
    {
        try
        {
            File.WriteAllText(Path.Combine(folder, file), text);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The folder of the group that this process is in.</summary>
    private static string? OwnFolder()
    {
        var path = File.ReadLines("/proc/self/cgroup")
            .FirstOrDefault(line => line.StartsWith("0::", StringComparison.Ordinal))
            ?[3..];
        if (path is null)
        {
            return null;
        }

        foreach (var mount in File.ReadLines("/proc/self/mountinfo"))
        {
            // "36 35 98:0 ROOT MOUNTPOINT options … - TYPE …"
            var fields = mount.Split(' ');
            var dash = Array.IndexOf(fields, "-");
            if (
                dash > 4
                && fields[dash + 1] == Type
                && (fields[3] == "/" || path.StartsWith(fields[3], StringComparison.Ordinal))
            )
            {
                return fields[4] + (fields[3] == "/" ? path : path[fields[3].Length..]);
            }
        }

        return null;
    }
}
