// The command that runs while a lock is held, and all that it starts. On Linux a guard stands between (src/Cli/Guard);
// elsewhere it is an ordinary child process, and on Windows a member of a job that ends with this process.
using RaftLocks.Cli.Guard;
using RaftLocks.Cli.Shared;
using RaftLocks.Client;

namespace RaftLocks.Cli.Locks;

/// <summary>A command that is prepared before the lock is there, and started once it is.</summary>
internal abstract class CommandProcess : IDisposable
{
    /// <summary>The variable that carries the fencing token.</summary>
    public const string TokenVariable = "RAFTLOCKS_FENCING_TOKEN";

    /// <summary>Makes ready to start a command.</summary>
    /// <param name="terminal">The terminal for error messages.</param>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="killAfter">What it has after a first signal before it is killed, wherever this process can't say
    /// anything else any more.</param>
    /// <param name="stopBound">How long this process may be stopped before the command is ended.</param>
    public static CommandProcess Prepare(Terminal terminal, string[] command, TimeSpan killAfter, TimeSpan stopBound) =>
        OperatingSystem.IsLinux()
            ? new GuardedCommand(terminal, RawCommand.Of(command), killAfter, stopBound)
            : new DirectCommand(command);

    /// <summary>Says why a command can't be started, as far as that shows beforehand; null if nothing does.</summary>
    /// <exception cref="UsageException">Its bytes can't be had.</exception>
    public static string? ProblemOf(string[] command) =>
        OperatingSystem.IsWindows() ? null : ProgramFile.Find(RawCommand.Of(command)).Problem;

    /// <summary>Starts it under a lock; null, or why that is impossible.</summary>
    public abstract Task<string?> StartAsync(IHeldLock held);

    /// <summary>Its code, when it and all that it started have ended: 128 + N if signal N ended it.</summary>
    public abstract Task<int> Ended { get; }

    /// <summary>Hands it a signal.</summary>
    public abstract void Send(int signal);

    /// <summary>Sends a first signal, and SIGKILL to all that is left when the time is over.</summary>
    /// <param name="signal">The first signal. SIGTERM goes to all processes of the command, any other to the command
    /// itself.</param>
    /// <param name="killAfter">The time; null for none so far.</param>
    public abstract void End(int signal, TimeSpan? killAfter);

    /// <inheritdoc/>
    public abstract void Dispose();
}
