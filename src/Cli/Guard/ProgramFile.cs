// Which file a command's name means, as execvp(3) finds it: so that a misspelt command is told before it waits for its
// lock.
using System.Text;

namespace RaftLocks.Cli.Guard;

/// <summary>Finds programs.</summary>
internal static unsafe class ProgramFile
{
    private const string NotExecutable = "it is a folder, or may not be executed; chmod +x allows it";

    // What the C library takes where there is no PATH.
    private static readonly byte[] UsualPath = "/bin:/usr/bin"u8.ToArray();

    /// <summary>Finds the file of a command's program.</summary>
    /// <returns>The file, or why there is none.</returns>
    public static (byte[] Path, string? Problem) Find(RawCommand command)
    {
        var name = command.Arguments[0];
        if (name.Contains((byte)'/'))
        {
            return IsExecutable(name)
                ? (name, null)
                : (name, Exists(name) ? NotExecutable : "there is no such file; check the path");
        }

        var problem = "there is no such program in the PATH; check the spelling, or give its path";
        foreach (var folder in Folders(command.Variables))
        {
            byte[] path = folder.Length == 0 ? name : [.. folder, (byte)'/', .. name];
            if (IsExecutable(path))
            {
                return (path, null);
            }

            problem = Exists(path) ? NotExecutable : problem;
        }

        return (name, problem);
    }

    private static List<byte[]> Folders(byte[][] variables)
    {
        var prefix = "PATH="u8;
        var rest = UsualPath.AsSpan();
        foreach (var variable in variables)
        {
            if (variable.AsSpan().StartsWith(prefix))
            {
                rest = variable.AsSpan(prefix.Length);
                break;
            }
        }

        var folders = new List<byte[]>();
        foreach (var range in rest.Split((byte)':'))
        {
            folders.Add(rest[range].ToArray());
        }

        return folders;
    }

    private static bool IsExecutable(byte[] path) =>
        IsAllowed(path, Libc.MayExecute) && !IsAllowed([.. path, (byte)'/'], Libc.Exists);

    private static bool Exists(byte[] path) => IsAllowed(path, Libc.Exists);

    private static bool IsAllowed(byte[] path, int mode)
    {
        fixed (byte* first = (byte[])[.. path, 0])
        {
            return path.Length > 0 && Libc.Access(first, mode) == 0;
        }
    }
}
