// The command that runs while the lock is held: it shares this process's streams, gets its signals, and can be ended.
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using RaftLocks.Client;

namespace RaftLocks.Cli.Locks;

internal sealed partial class ChildProcess : IDisposable
{
    /// <summary>The variable that carries the fencing token.</summary>
    public const string TokenVariable = "RAFTLOCKS_FENCING_TOKEN";

    private readonly Process process;

    private ChildProcess(Process process) => this.process = process;

    /// <summary>Starts it; null and why not if that is impossible.</summary>
    public static ChildProcess? Start(IReadOnlyList<string> command, HeldLock held, out string? problem)
    {
        var start = new ProcessStartInfo(command[0]) { UseShellExecute = false };
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[TokenVariable] = held.FencingToken.ToString(CultureInfo.InvariantCulture);
        try
        {
            problem = null;
            return new ChildProcess(Process.Start(start)!);
        }
        catch (Win32Exception e)
        {
            problem = e.Message;
            return null;
        }
    }

    /// <summary>Waits for its end and returns its code: 128 + N if signal N ended it.</summary>
    public async Task<int> WaitAsync(CancellationToken token)
    {
        await process.WaitForExitAsync(token);
        return process.ExitCode;
    }

    /// <summary>Hands it a signal.</summary>
    public void Send(PosixSignal signal)
    {
        // The terminal sends Ctrl-C and Ctrl-\ to all processes in front of it, the child included.
        if (signal is PosixSignal.SIGINT or PosixSignal.SIGQUIT && !Console.IsInputRedirected)
        {
            return;
        }

        Terminate(signal);
    }

    /// <summary>Asks it to end.</summary>
    public void Terminate(PosixSignal signal = PosixSignal.SIGTERM)
    {
        if (process.HasExited)
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            process.Kill(entireProcessTree: true);
        }
        else
        {
            _ = SendSignal(process.Id, NumberOf(signal));
        }
    }

    /// <summary>Ends it and its descendants.</summary>
    public void Kill()
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    public void Dispose() => process.Dispose();

    private static int NumberOf(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGHUP => 1,
        PosixSignal.SIGINT => 2,
        PosixSignal.SIGQUIT => 3,
        _ => 15,
    };

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
