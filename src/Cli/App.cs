// All commands, and what every one of them has in common: which cluster, how it ends when something goes wrong.
using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Net;
using RaftLocks.Api;
using RaftLocks.Cli.Commands;
using RaftLocks.Cli.Locks;
using RaftLocks.Cli.Shared;
using RaftLocks.Client;
using RaftLocks.Ledger;

namespace RaftLocks.Cli;

internal static class App
{
    private const int MaxError = 1000;

    private const string Description = $"""
        Locks around commands, and a look into a RaftLocks cluster.

        Paths are written a/b/c; a slash within a segment \/, a backslash \\.

        Examples:
          raftlocks run --write orders/42 --read prices -- ./job.sh
          raftlocks run --semaphore reports --slots 3 -- ./report.sh
          raftlocks elect billing -- ./serve.sh
          raftlocks ls --watch
          raftlocks explain --write orders/42
          raftlocks ls --cluster prod                 (see docs/clients.md for the configuration file)
          raftlocks status --node http://10.0.0.1:9009 --node http://10.0.0.2:9009

        {ExitCodes.Text}
        """;

    /// <summary>Runs a command line and returns the exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments, Terminal terminal, Signals signals)
    {
        var root = Root(terminal);
        DescribedCommand.Explain(root);
        ParseResult parsed;
        try
        {
            // A path may begin with "@", which would name a file of more arguments.
            parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException)
        {
            await terminal.Error.WriteLineAsync(PrintableText.Of(e.Message));
            return ExitCodes.WrongUsage;
        }

        if (parsed.Action is ParseErrorAction)
        {
            // Where a command is misspelt, the library says first that one is missing.
            var errors = parsed
                .Errors.Select(error => error.Message.ReplaceLineEndings(" ").Replace('\t', ' '))
                .ToList();
            foreach (var error in errors.Skip(parsed.UnmatchedTokens.Count > 0 && errors.Count > 1 ? 1 : 0))
            {
                await terminal.Error.WriteLineAsync(
                    PrintableText.Of(error.Length <= MaxError ? error : error[..MaxError] + "…")
                );
            }

            await terminal.Error.WriteLineAsync($"See {Called(parsed.CommandResult)} --help.");
            return ExitCodes.WrongUsage;
        }

        try
        {
            if (RawProcess.FirstNotUtf8(arguments, CommandLength(parsed)) is { } broken)
            {
                throw new UsageException(
                    $"The argument '{broken}' is not UTF-8: write it in UTF-8. (A command behind -- may have any "
                        + "arguments.)"
                );
            }

            return await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = terminal.Out,
                    Error = terminal.Error,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                },
                signals.Interrupted
            );
        }
        catch (Exception e)
        {
            return await TellAsync(terminal, e, signals, Called(parsed.CommandResult));
        }
    }

    /// <summary>Says what went wrong, in a line, and returns the exit code. Nothing gets past it.</summary>
    private static async Task<int> TellAsync(Terminal terminal, Exception problem, Signals signals, string called)
    {
        var (code, sentence) = problem switch
        {
            OperationCanceledException when signals.Interrupted.IsCancellationRequested => (
                ExitCodes.Interrupted,
                "Interrupted."
            ),
            UsageException or ApiTokenException => (ExitCodes.WrongUsage, problem.Message),
            ApiRefusedException { Status: HttpStatusCode.BadRequest, Said.Length: > 0 } => (
                ExitCodes.WrongUsage,
                problem.Message
            ),
            ClusterUnreachableException or ApiUnreachableException => (ExitCodes.Unreachable, problem.Message),
            LockNotAcquiredException => (ExitCodes.NotAcquired, problem.Message),
            LockRevokedException => (ExitCodes.Revoked, problem.Message),
            LockLostException or SessionReplacedException => (ExitCodes.Lost, problem.Message),
            OutputException { IsReaderGone: true } => (ExitCodes.ReaderGone, null),
            RaftLocksException or ApiException or IOException or UnauthorizedAccessException => (
                ExitCodes.Failed,
                problem.Message
            ),
            _ => (
                ExitCodes.Failed,
                $"raftlocks failed, which it never should ({problem.GetType().Name}): {problem.Message}"
            ),
        };
        if (sentence is not null)
        {
            await terminal.Error.WriteLineAsync(PrintableText.Of(sentence));
        }

        if (code == ExitCodes.WrongUsage)
        {
            await terminal.Error.WriteLineAsync($"See {called} --help.");
        }

        return code;
    }

    // Of "run" and "elect": their commands get any bytes.
    private static int CommandLength(ParseResult parsed) =>
        parsed.CommandResult.Command.Arguments.OfType<Argument<string[]>>().FirstOrDefault() is { } command
            ? parsed.GetValue(command)?.Length ?? 0
            : 0;

    // The part of the command line that was understood.
    private static string Called(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{Called(parent)} {result.Command.Name}" : "raftlocks";

    /// <summary>All commands.</summary>
    internal static RootCommand Root(Terminal terminal) =>
        new(Description)
        {
            RunCommand.Make(terminal),
            ElectCommand.Make(terminal),
            LockCommand.Make(terminal),
            StatusCommand.Make(terminal),
            ListCommand.Make(terminal),
            NamespacesCommand.Make(terminal),
            ExplainCommand.Make(terminal),
            RevokeCommand.Make(terminal),
            HistoryCommand.Make(terminal),
            WatchCommand.Make(terminal),
            VerifyCommand.Make(terminal),
            MemberCommand.Make(terminal),
            AuthCommand.Make(terminal),
            SnapshotCommand.Make(terminal),
            UpgradeCommand.Make(terminal),
            CertCommand.Make(terminal),
            BenchCommand.Make(terminal),
            CompletionCommand.Make(terminal),
            ManualCommand.Make(terminal),
        };
}
