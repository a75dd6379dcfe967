// "raftlocks run": a command under a lock. The lock's safety margin is made large enough for the child to be ended within it: at the
// deadline it gets SIGTERM, after --kill-after SIGKILL, and a tenth of the abandon timeout is still left before the lock can pass on.
using System.CommandLine;
using RaftLocks.Cli.Shared;
using RaftLocks.Client;
using RaftLocks.Ledger;

namespace RaftLocks.Cli.Locks;

internal static class RunCommand
{
    private const string Description =
        $"""
        Waits for a lock, runs a command while it is held, and releases it.

        The command finds the lock's fencing token in {ChildProcess.TokenVariable}, gets the signals that raftlocks gets, and its exit code is raftlocks's own.
        If the lock is lost, the command gets SIGTERM, and after --kill-after SIGKILL together with its descendants: at the latest when a tenth of the abandon timeout
        is left before the cluster can pass the lock on, as long as this process is scheduled (a machine that is frozen ends nothing: that is what
        the fencing token is for). If an operator revokes the lock, it gets SIGTERM at once, and SIGKILL before the grace has ended.

        Examples:
          raftlocks run --write orders/42 --read prices -- ./job.sh
          raftlocks run --write nightly --wait 0 -- ./report.sh || echo "somebody else does it"

        {ExitCodes.Text}
        """;

    public static Command Make(Terminal terminal)
    {
        var arguments = new LockArguments();
        var killAfter = Durations.Option("--kill-after", "How long a command that must end has after SIGTERM", TimeSpan.FromSeconds(5));
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Says nothing while waiting" };
        var child = new Argument<string[]>("COMMAND") { Description = "The command and its arguments, after --", Arity = ArgumentArity.OneOrMore };
        var command = arguments.AddTo(new DescribedCommand("run", Description) { child, killAfter, quiet });
        command.SetAction((parsed, token) => RunAsync(
            terminal, arguments, parsed, parsed.GetRequiredValue(child), parsed.GetValue(killAfter)!.Value, parsed.GetValue(quiet), token));
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal, LockArguments arguments, ParseResult parsed, string[] command, TimeSpan killAfter, bool quiet, CancellationToken token)
    {
        var abandonTimeout = parsed.GetValue(arguments.AbandonTimeout)!.Value;
        var margin = killAfter + (abandonTimeout / 10);
        if (margin > abandonTimeout / 2)
        {
            await terminal.Error.WriteLineAsync($"--kill-after may be at most 0.4 of --abandon-timeout, that is {Durations.Format(abandonTimeout * 0.4)} here: else there is no time left to work.");
            return ExitCodes.WrongUsage;
        }

        await using var locks = LockArguments.Connect(arguments.ClientOptions(parsed, margin));
        await using var held = await Acquiring.Async(terminal, locks, arguments, parsed, quiet, token);
        using var child = ChildProcess.Start(command, held, out var problem);
        if (child is null)
        {
            await terminal.Error.WriteLineAsync($"{command[0]}: {problem}");
            return ExitCodes.CouldNotStart;
        }

        Signals.HandTo(child.Send);
        return await WatchAsync(terminal, child, held, killAfter);
    }

    private static async Task<int> WatchAsync(Terminal terminal, ChildProcess child, HeldLock held, TimeSpan killAfter)
    {
        await using var asked = held.RevocationRequested.Register(() =>
        {
            terminal.Error.WriteLine($"raftlocks: the lock is revoked ({PrintableText.Of(held.RevocationReason ?? "")}); ending the command.");
            child.Terminate();
        });
        try
        {
            return await child.WaitAsync(held.Lost);
        }
        catch (OperationCanceledException)
        {
            await terminal.Error.WriteLineAsync($"raftlocks: the lock is lost: {PrintableText.Of(held.LossReason ?? "")}; ending the command.");
        }

        // After a grace it has been asked already, and there is no time left.
        if (held.RevocationRequested.IsCancellationRequested)
        {
            child.Kill();
        }
        else
        {
            child.Terminate();
        }

        using var patience = new CancellationTokenSource(killAfter);
        try
        {
            await child.WaitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            child.Kill();
            await child.WaitAsync(CancellationToken.None);
        }

        return ExitCodes.Lost;
    }
}
