// All commands, and what every one of them has in common: which cluster, how it ends when something goes wrong.
using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using RaftLocks.Cli.Commands;
using RaftLocks.Cli.Locks;
using RaftLocks.Cli.Shared;
using RaftLocks.Client;
using RaftLocks.Ledger;

namespace RaftLocks.Cli;

internal static class App
{
    private const string Description =
        $"""
        Locks around commands, and a look into a RaftLocks cluster.

        Paths are written a/b/c; a slash within a segment \/, a backslash \\.

        Examples:
          raftlocks run --write orders/42 --read prices -- ./job.sh
          raftlocks ls --watch
          raftlocks explain --write orders/42
          raftlocks status --node http://10.0.0.1:9009 --node http://10.0.0.2:9009

        {ExitCodes.Text}
        """;

    /// <summary>Runs a command line and returns the exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments, Terminal terminal)
    {
        var root = Root(terminal);
        DescribedCommand.Explain(root);
        var parsed = root.Parse(arguments);
        if (parsed.Action is ParseErrorAction)
        {
            // Where a command is misspelt, the library says first that one is missing.
            var errors = parsed.Errors.Select(error => error.Message).ToList();
            foreach (var error in errors.Skip(parsed.UnmatchedTokens.Count > 0 && errors.Count > 1 ? 1 : 0))
            {
                await terminal.Error.WriteLineAsync(error);
            }

            await terminal.Error.WriteLineAsync($"See {Called(parsed.CommandResult)} --help.");
            return ExitCodes.WrongUsage;
        }

        using var signals = new Signals();
        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = terminal.Out,
                    Error = terminal.Error,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                },
                signals.Interrupted);
        }
        catch (Exception e) when (CodeOf(e, signals) is not null)
        {
            await terminal.Error.WriteLineAsync(e is OperationCanceledException ? "Interrupted." : PrintableText.Of(e.Message));
            return CodeOf(e, signals)!.Value;
        }
    }

    // The part of the command line that was understood.
    private static string Called(CommandResult result) => result.Parent is CommandResult parent ? $"{Called(parent)} {result.Command.Name}" : "raftlocks";

    private static RootCommand Root(Terminal terminal) => new(Description)
    {
        RunCommand.Make(terminal),
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
        SnapshotCommand.Make(terminal),
        BenchCommand.Make(terminal),
        CompletionCommand.Make(terminal),
    };

    private static int? CodeOf(Exception e, Signals signals) => e switch
    {
        OperationCanceledException when signals.Interrupted.IsCancellationRequested => ExitCodes.Interrupted,
        ClusterUnreachableException => ExitCodes.Unreachable,
        LockNotAcquiredException => ExitCodes.NotAcquired,
        LockLostException or SessionReplacedException => ExitCodes.Lost,
        RaftLocksException => ExitCodes.Failed,
        _ => null,
    };
}
