// "raftlocks elect": runs a command while this candidate leads, and again when it is elected again; or tells who leads.
using System.CommandLine;
using RaftLocks.Cli.Shared;
using RaftLocks.Client;
using RaftLocks.Ledger;

namespace RaftLocks.Cli.Locks;

internal static class ElectCommand
{
    private const string Description = $"""
        Runs a command while this candidate leads. The leader is whoever holds the write lock of the path NAME; the others wait in the queue.

        When the leadership is lost or revoked, the command is ended as "run" ends it, and this candidate goes to the end of the queue: elected again, it runs the
        command again. With --once it ends instead, with 121 or 123. When the command ends by itself, the leadership is given up and its exit code is raftlocks's own.
        SIGTERM and the like go to the command, and end the candidacy after it. {CommandProcess.TokenVariable} is the leader's term.

        With --watch nothing is run: a line tells who leads, and another one whenever that changes, until Ctrl-C.

        Examples:
          raftlocks elect billing -- ./serve.sh
          raftlocks elect billing --label billing-2 --once -- ./serve.sh
          raftlocks elect billing --watch

        {ExitCodes.Text}
        """;

    // HUP, INT, QUIT, TERM: the command gets them, and they are meant for the candidate too.
    private static readonly int[] Ends = [1, 2, 3, 15];

    public static Command Make(Terminal terminal)
    {
        var arguments = new LockArguments();
        var options = new CommandOptions();
        var name = new Argument<string>("NAME") { Description = "The election's path" };
        var child = new Argument<string[]>("COMMAND")
        {
            Description = "The command and its arguments, after --",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var once = new Option<bool>("--once")
        {
            Description = "Ends when the leadership is lost, instead of standing again",
        };
        var watch = new Option<bool>("--watch") { Description = "Tells who leads, and who does next" };
        var command = arguments.AddClientTo(
            new DescribedCommand("elect", Description)
            {
                name,
                child,
                once,
                watch,
                arguments.Raw,
                arguments.Cluster.Json,
            }
        );
        options.AddTo(command, child);
        LockPaths.Check(name, arguments.Raw);
        command.Validators.Add(result =>
        {
            if (result.GetValue(watch) == result.GetValue(child) is { Length: > 0 })
            {
                result.AddError("Give a command after --, or --watch.");
            }
        });
        command.SetAction(
            (parsed, token) =>
            {
                var path = LockArguments.Segments(parsed.GetRequiredValue(name), parsed.GetValue(arguments.Raw));
                return parsed.GetValue(watch)
                    ? new ElectionWatch(terminal, arguments.Cluster, parsed, path).RunAsync(token)
                    : RunAsync(
                        terminal,
                        arguments,
                        parsed,
                        path,
                        parsed.GetRequiredValue(child),
                        options.Terms(parsed, parsed.GetValue(arguments.AbandonTimeout).Time),
                        parsed.GetValue(once),
                        token
                    );
            }
        );
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal,
        LockArguments arguments,
        ParseResult parsed,
        string[] path,
        string[] command,
        CommandTerms terms,
        bool once,
        CancellationToken token
    )
    {
        if (CommandProcess.ProblemOf(command) is { } missing)
        {
            return await RunCommand.CouldNotStartAsync(terminal, command, missing);
        }

        await using var locks = arguments.Connect(terminal, parsed, terms.Margin);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(token);
        using var line = parsed.GetValue(arguments.Quiet) ? null : new QueuePositionLine(terminal);
        int? code = null;
        await locks
            .Election(path)
            .RunAsync(
                async (held, _) =>
                {
                    line?.Clear();
                    await terminal.Error.WriteLineAsync($"raftlocks: leading in term {held.FencingToken}.");
                    (code, var mayStandAgain) = await LeadAsync(terminal, command, held, terms, token);
                    if (once || !mayStandAgain)
                    {
                        await over.CancelAsync();
                    }
                },
                new LockOptions { Progress = line },
                over.Token
            );
        return code ?? throw new OperationCanceledException(token);
    }

    /// <summary>Runs the command in one term.</summary>
    private static async Task<(int Code, bool MayStandAgain)> LeadAsync(
        Terminal terminal,
        string[] command,
        IHeldLock held,
        CommandTerms terms,
        CancellationToken token
    )
    {
        using var process = CommandProcess.Prepare(terminal, command, terms.KillAfter, terms.StopBound);
        var isToldToEnd = false;
        if (
            !Signals.TryHandTo(signal =>
            {
                isToldToEnd |= Ends.Contains(signal);
                process.Send(signal);
            })
        )
        {
            throw new OperationCanceledException(token);
        }

        try
        {
            if (await process.StartAsync(held) is { } problem)
            {
                return (await RunCommand.CouldNotStartAsync(terminal, command, problem), false);
            }

            var code = await CommandUnderLock.WatchAsync(terminal, process, held, terms);
            return (
                code,
                code is ExitCodes.Lost or ExitCodes.Revoked
                    && (held.IsLost || held.RevocationRequested.IsCancellationRequested)
                    && !isToldToEnd
            );
        }
        finally
        {
            Signals.TakeBack();
        }
    }
}
