using System.Runtime.InteropServices;

namespace RaftLocks.Cluster;

// Signals to node processes. .NET itself can only send SIGKILL.

/// <summary>The signals that the tests send (Linux numbers).</summary>
public enum Signal
{
    /// <summary>The terminal is gone; daemons read their files anew.</summary>
    HangUp = 1,

    /// <summary>The process is ended by the kernel, at once.</summary>
    Kill = 9,

    /// <summary>The process is asked to end.</summary>
    Terminate = 15,

    /// <summary>The process goes on after a <see cref="Stop"/>.</summary>
    Continue = 18,

    /// <summary>The process is frozen.</summary>
    Stop = 19,
}

internal static partial class Signals
{
    public static void Send(int processId, Signal signal)
    {
        if (SendSignal(processId, (int)signal) != 0)
        {
            throw new InvalidOperationException(
                $"kill({processId}, {signal}) failed with errno {Marshal.GetLastPInvokeError()}"
            );
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int processId, int signal);
}
