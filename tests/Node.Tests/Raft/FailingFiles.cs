// The real disk, but for one kind of call that fails as the test says.
using System.Reflection;
using System.Runtime.ExceptionServices;
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.Node.Tests.Raft;

/// <summary>Stands before the operating system's files.</summary>
public class FailingFiles : DispatchProxy
{
    private string method = "";
    private volatile Exception? failure;

    /// <summary>The disk, and what makes it fail.</summary>
    internal static (IFileSystem Files, Action<Exception> FailFromNowOn) Make(string method)
    {
        var files = Create<IFileSystem, FailingFiles>();
        var proxy = (FailingFiles)files;
        proxy.method = method;
        return (files, failure => proxy.failure = failure);
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (failure is { } told && targetMethod!.Name == method)
        {
            throw told;
        }

        try
        {
            return targetMethod!.Invoke(OsFileSystem.Instance, args);
        }
        catch (TargetInvocationException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerException!);
            throw;
        }
    }
}
