// A command on Linux: starts the guard, tells it what to do, hears how it went. If somebody kills the guard, its
// children become this process's, which ends them itself.
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.IO.Pipes;
using System.Text;
using RaftLocks.Cli.Guard;
using RaftLocks.Client;

namespace RaftLocks.Cli.Locks;

internal sealed class GuardedCommand : CommandProcess
{
    private static readonly TimeSpan BetweenKills = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan KillBound = TimeSpan.FromSeconds(10);

    // One look at /proc is no snapshot: what changes its parent meanwhile is missed.
    private const int EmptyLooks = 5;

    private readonly Terminal terminal;
    private readonly RawCommand command;
    private readonly TimeSpan killAfter;
    private readonly Process? guard;
    private readonly GuardWatch? watch;
    private readonly string? noGuard;
    private readonly AnonymousPipeServerStream control = new(PipeDirection.Out, HandleInheritability.Inheritable);
    private readonly AnonymousPipeServerStream report = new(PipeDirection.In, HandleInheritability.Inheritable);
    private readonly TaskCompletionSource<string?> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock mutex = new();
    private readonly Lock ends = new();
    private IHeldLock? held;
    private volatile bool isOver;

    // When SIGKILL is due; never so far.
    private long killAt = long.MaxValue;

    public GuardedCommand(Terminal terminal, RawCommand command, TimeSpan killAfter, TimeSpan stopBound)
    {
        this.terminal = terminal;
        this.command = command;
        this.killAfter = killAfter;
        Libc.BecomeSubreaper();
        var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false };
        var library = Path.Combine(AppContext.BaseDirectory, "raftlocks.dll");
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet" && File.Exists(library))
        {
            start.ArgumentList.Add(library);
        }

        foreach (
            var argument in GuardProgram.Arguments(
                control.GetClientHandleAsString(),
                report.GetClientHandleAsString(),
                killAfter,
                stopBound
            )
        )
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            guard = Process.Start(start);
        }
        catch (Win32Exception e)
        {
            noGuard = e.Message;
        }

        control.DisposeLocalCopyOfClientHandle();
        report.DisposeLocalCopyOfClientHandle();
        if (guard is not null)
        {
            watch = new GuardWatch(guard.Id, Ping, () => KillIsDue, terminal.Error.WriteLine);
            watch.Start();
            new Thread(Hear) { IsBackground = true }.Start();
        }
    }

    public override Task<int> Ended => ended.Task;

    private bool KillIsDue => Stopwatch.GetTimestamp() >= Volatile.Read(ref killAt);

    public override Task<string?> StartAsync(IHeldLock held)
    {
        var (program, problem) = ProgramFile.Find(command);
        if (noGuard is not null || problem is not null)
        {
            return Task.FromResult(noGuard ?? problem);
        }

        Volatile.Write(ref this.held, held);
        Tell($"{GuardProtocol.Go} {command.With(TokenVariable, held.FencingToken).Text(program)}");
        return started.Task;
    }

    public override void Send(int signal) => Tell(GuardProtocol.Line(GuardProtocol.Signal, signal));

    public override void End(int signal, TimeSpan? killAfter)
    {
        if (killAfter is { } time)
        {
            EndBy(Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency));
        }

        Tell(GuardProtocol.Line(GuardProtocol.End, signal, killAfter is { } left ? (long)left.TotalMilliseconds : -1));
    }

    public override void Dispose()
    {
        isOver = true;
        watch?.Dispose();
        control.Dispose();
        report.Dispose();
        guard?.Dispose();
    }

    // The earlier of two ends counts.
    private void EndBy(long at)
    {
        lock (ends)
        {
            Volatile.Write(ref killAt, Math.Min(killAt, at));
        }
    }

    // Somebody may wait for the pipe to be read: then the guard is not asked, and gives no answer either.
    private void Ping()
    {
        if (mutex.TryEnter())
        {
            try
            {
                Write(GuardProtocol.Ping);
            }
            finally
            {
                mutex.Exit();
            }
        }
    }

    private void Tell(string line)
    {
        lock (mutex)
        {
            Write(line);
        }
    }

    private void Write(string line)
    {
        try
        {
            control.Write(Encoding.UTF8.GetBytes(line + "\n"));
            control.Flush();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The guard has ended: so has the command, or the other pipe reports it.
        }
    }

    private void Hear()
    {
        try
        {
            using var reader = new StreamReader(
                report,
                Encoding.UTF8,
                detectEncodingFromByteOrderMarks: false,
                leaveOpen: true
            );
            while (reader.ReadLine() is { } line)
            {
                watch?.Answered();
                Take(line);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // As if it had ended.
        }

        watch?.Dispose();
        if (isOver || ended.Task.IsCompleted)
        {
            return;
        }

        // Whatever it has said: it may have been killed after it had started the command and before it could say so.
        EndOrphans();
        CommandCgroup.RemoveOf(guard!.Id);
        if (!started.TrySetResult("its guard, a process of raftlocks, has ended at once; look for what killed it"))
        {
            terminal.Error.WriteLine("raftlocks: the process that guards the command is gone: the command was ended.");
        }

        ended.TrySetResult(ExitCodes.Failed);
    }

    private void Take(string line)
    {
        var (word, text) = GuardProtocol.Read(line);
        var numbers = GuardProtocol.Numbers(text);
        switch (word)
        {
            case GuardProtocol.Started:
                started.TrySetResult(null);
                break;
            case GuardProtocol.Failed:
                started.TrySetResult(text);
                ended.TrySetResult(ExitCodes.CouldNotStart);
                break;
            case GuardProtocol.Remnants:
                terminal.Error.WriteLine(
                    $"raftlocks: the command has ended and left {numbers[0]} "
                        + $"process{(numbers[0] == 1 ? "" : "es")} behind: ending what is left."
                );
                break;
            case GuardProtocol.Stuck:
                terminal.Error.WriteLine(
                    $"raftlocks: these processes of the command could not be ended: {text}. They may still work "
                        + $"though the lock passes on."
                );
                break;
            case GuardProtocol.Suspended when Volatile.Read(ref held) is { IsLost: true }:
                End(Libc.SigKill, TimeSpan.Zero);
                break;
            case GuardProtocol.Suspended:
                Tell(GuardProtocol.Line(GuardProtocol.Resume, numbers[0]));
                break;
            case GuardProtocol.Exited:
                ended.TrySetResult((int)numbers[0]);
                break;
        }
    }

    private void EndOrphans()
    {
        var startedAt = Stopwatch.GetTimestamp();
        EndBy(startedAt + (long)(killAfter.TotalSeconds * Stopwatch.Frequency));
        var told = new HashSet<int>();
        var emptyLooks = 0;
        while (emptyLooks < EmptyLooks && Stopwatch.GetElapsedTime(startedAt) < killAfter + KillBound)
        {
            var left = ProcessTree.DescendantsOf(Environment.ProcessId);
            emptyLooks = left.Count == 0 ? emptyLooks + 1 : 0;
            if (KillIsDue)
            {
                CommandCgroup.KillOf(guard!.Id);
                ProcessTree.Signal(left, Libc.SigKill);
            }
            else
            {
                left.RemoveAll(process => !told.Add(process));
                ProcessTree.Signal(left, Libc.SigTerm);
                ProcessTree.Signal(left, Libc.SigContinue);
            }

            Thread.Sleep(BetweenKills);
        }
    }
}
