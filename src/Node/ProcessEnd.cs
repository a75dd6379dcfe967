// The end of a process whose threads may be stuck. Environment.Exit runs handlers of others first, and what ends in
// good order may wait for a disk that does not answer. The bound is kept by a thread of its own: the thread pool's may
// all be waiting for that disk.
using System.Runtime.InteropServices;

namespace RaftLocks.Node;

/// <summary>Ends the process at the latest after a time.</summary>
internal sealed class ProcessEnd : IDisposable
{
    private readonly ManualResetEventSlim withdrawn = new();
    private readonly Thread thread;

    private ProcessEnd(TimeSpan bound, int code, Action? before)
    {
        thread = new Thread(() =>
        {
            if (!withdrawn.Wait(bound))
            {
                before?.Invoke();
                Now(code);
            }
        })
        {
            IsBackground = true,
            Name = "process end",
        };
        thread.Start();
    }

    /// <summary>Ends the process after a time, unless the result is disposed of before.</summary>
    /// <param name="bound">The time.</param>
    /// <param name="code">The exit code.</param>
    /// <param name="before">What is said before that; it must not wait.</param>
    public static ProcessEnd Within(TimeSpan bound, int code, Action? before = null) => new(bound, code, before);

    /// <inheritdoc/>
    public void Dispose()
    {
        withdrawn.Set();
        thread.Join();
        withdrawn.Dispose();
    }

    /// <summary>Ends the process without a handler, a finalizer or a flush of anybody.</summary>
    private static unsafe void Now(int code)
    {
        if (OperatingSystem.IsWindows())
        {
            Environment.Exit(code);
        }

        ((delegate* unmanaged<int, void>)NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "_exit"))(code);
    }
}
