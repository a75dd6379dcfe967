// "raftlocks run": a command under a lock. The lock's safety margin is made large enough for the command to be ended
// within it: at the deadline it gets SIGTERM, after --kill-after SIGKILL, and a tenth of the abandon timeout is still
// left before the lock can pass on.
using System.CommandLine;
using RaftLocks.Cli.Shared;
using RaftLocks.Client;
using RaftLocks.Ledger;

namespace RaftLocks.Cli.Locks;

internal static class RunCommand
{
    private const string Description = $"""
        Waits for a lock, runs a command while it is held, and releases it.

        The command finds the lock's fencing token in {CommandProcess.TokenVariable}, gets the signals that raftlocks gets, and its exit code is raftlocks's own.
        All that it starts belongs to it: the lock is released when the last of its processes has ended. What the command leaves behind gets SIGTERM, and SIGKILL
        after --kill-after. The same happens when raftlocks itself is killed, or stopped for long.

        If the lock is lost, the command gets the signal of --on-lost, and after --kill-after all its processes get SIGKILL: at the latest when a tenth of
        the abandon timeout is left before the cluster can pass the lock on, as long as the machine runs (a machine that is frozen ends nothing: that is what
        the fencing token is for). If an operator revokes the lock, the command gets the signal at once, and SIGKILL before the grace has ended; revoked by force,
        the lock passes on first, and all has ended --kill-after later.

        Examples:
          raftlocks run --write orders/42 --read prices -- ./job.sh
          raftlocks run --write nightly --wait 0 -- ./report.sh || echo "somebody else does it"
          raftlocks run --semaphore reports --slots 3 -- ./report.sh
          raftlocks run --write db --on-lost USR1 --kill-after 20s -- ./migrate.sh

        {ExitCodes.Text}
        """;

    public static Command Make(Terminal terminal)
    {
        var arguments = new LockArguments();
        var options = new CommandOptions();
        var child = new Argument<string[]>("COMMAND")
        {
            Description = "The command and its arguments, after --",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = arguments.AddTo(new DescribedCommand("run", Description) { child });
        options.AddTo(command, child);
        command.SetAction(
            (parsed, token) =>
                RunAsync(
                    terminal,
                    arguments,
                    parsed,
                    parsed.GetRequiredValue(child),
                    options.Terms(parsed, parsed.GetValue(arguments.AbandonTimeout).Time),
                    token
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal,
        LockArguments arguments,
        ParseResult parsed,
        string[] command,
        CommandTerms terms,
        CancellationToken token
    )
    {
        // Before the lock is requested: a command that can't run must not wait for it.
        if (CommandProcess.ProblemOf(command) is { } missing)
        {
            return await CouldNotStartAsync(terminal, command, missing);
        }

        await using var locks = arguments.Connect(terminal, parsed, terms.Margin);
        using var process = CommandProcess.Prepare(terminal, command, terms.KillAfter, terms.StopBound);
        await using var held = await arguments.AcquireAsync(terminal, locks, parsed, token);

        // From here on signals are the command's. One that came until now ends all before it begins.
        if (!Signals.TryHandTo(process.Send))
        {
            throw new OperationCanceledException(token);
        }

        return await process.StartAsync(held) is { } problem
            ? await CouldNotStartAsync(terminal, command, problem)
            : await CommandUnderLock.WatchAsync(terminal, process, held, terms);
    }

    /// <summary>Reports why a command could not be started.</summary>
    public static async Task<int> CouldNotStartAsync(Terminal terminal, string[] command, string problem)
    {
        await terminal.Error.WriteLineAsync($"{PrintableText.Of(command[0])}: {PrintableText.Of(problem)}");
        return ExitCodes.CouldNotStart;
    }
}
