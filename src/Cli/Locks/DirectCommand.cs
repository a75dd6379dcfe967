// A command where there is no guard: macOS and Windows. Its descendants are found by their parents, so one that left
// its parent is missed on macOS; on Windows the job ends it.
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using RaftLocks.Cli.Guard;
using RaftLocks.Client;

namespace RaftLocks.Cli.Locks;

internal sealed class DirectCommand(string[] command) : CommandProcess
{
    private readonly TaskCompletionSource<int> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? process;

    public override Task<int> Ended => ended.Task;

    public override Task<string?> StartAsync(IHeldLock held)
    {
        if (OperatingSystem.IsWindows())
        {
            WindowsJob.EndChildrenWithThisProcess();
        }

        var start = new ProcessStartInfo(command[0]) { UseShellExecute = false };
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[TokenVariable] = held.FencingToken.ToString(CultureInfo.InvariantCulture);
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            return Task.FromResult<string?>(e.Message);
        }

        _ = WaitAsync(process);
        return Task.FromResult<string?>(null);
    }

    public override void Send(int signal)
    {
        // The terminal sends Ctrl-C and Ctrl-\ to all processes in front of it, the command included.
        if (signal is not (2 or 3) || Console.IsInputRedirected)
        {
            Signal(signal);
        }
    }

    public override void End(int signal, TimeSpan? killAfter)
    {
        Signal(signal);
        if (killAfter is { } time)
        {
            _ = KillAfterAsync(time);
        }
    }

    public override void Dispose() => process?.Dispose();

    private async Task WaitAsync(Process started)
    {
        await started.WaitForExitAsync();
        ended.TrySetResult(started.ExitCode);
    }

    private async Task KillAfterAsync(TimeSpan time)
    {
        if (await Task.WhenAny(ended.Task, Task.Delay(time)) != ended.Task)
        {
            KillAll();
        }
    }

    private void Signal(int signal)
    {
        if (process is not { HasExited: false })
        {
            return;
        }

        // Windows has no signal that asks a program to end.
        if (OperatingSystem.IsWindows() || signal == Libc.SigKill)
        {
            KillAll();
        }
        else
        {
            _ = Libc.Kill(process.Id, signal);
        }
    }

    private void KillAll()
    {
        try
        {
            process!.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended by itself.
        }
    }
}
