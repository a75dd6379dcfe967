// The real disk, and what was done to it.
using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.ExceptionServices;
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.Node.Tests.Raft;

/// <summary>Stands before the operating system's files and notes each call that changes the disk.</summary>
public class CountingFiles : DispatchProxy
{
    private static readonly string[] Reading =
    [
        nameof(IFileSystem.FileExists),
        nameof(IFileSystem.DirectoryExists),
        nameof(IFileSystem.HasEntries),
        nameof(IFileSystem.ListFiles),
        nameof(IFileSystem.ReadAllBytes),
        nameof(IFileSystem.LengthOf),
        nameof(IFileSystem.OpenRead),
    ];

    private readonly ConcurrentQueue<string> changes = new();
    private Action before = () => { };

    /// <summary>The disk, and the names of the calls that changed it.</summary>
    /// <param name="before">Called before each of these calls.</param>
    internal static (IFileSystem Files, Func<IReadOnlyList<string>> Changes) Make(Action? before = null)
    {
        var files = Create<IFileSystem, CountingFiles>();
        ((CountingFiles)files).before = before ?? (() => { });
        return (files, () => [.. ((CountingFiles)files).changes]);
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (!Reading.Contains(targetMethod!.Name))
        {
            changes.Enqueue(targetMethod.Name);
            before();
        }

        try
        {
            return targetMethod.Invoke(OsFileSystem.Instance, args);
        }
        catch (TargetInvocationException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerException!);
            throw;
        }
    }
}
