// "raftlocks lock": holds a lock by hand, until the input ends.
using System.CommandLine;
using RaftLocks.Cli.Shared;
using RaftLocks.Client;
using RaftLocks.Ledger;

namespace RaftLocks.Cli.Locks;

internal static class LockCommand
{
    private const string Description = $"""
        Takes a lock and holds it until you press Enter (or the input ends). "d" and Enter turns its writes into reads.

        Examples:
          raftlocks lock --write orders/42
          raftlocks lock --read prices --label "looking into ticket 311"

        {ExitCodes.Text}
        """;

    public static Command Make(Terminal terminal)
    {
        var arguments = new LockArguments();
        var command = arguments.AddTo(new DescribedCommand("lock", Description));
        command.SetAction((parsed, token) => HoldAsync(terminal, arguments, parsed, token));
        return command;
    }

    private static async Task<int> HoldAsync(
        Terminal terminal,
        LockArguments arguments,
        ParseResult parsed,
        CancellationToken token
    )
    {
        await using var locks = arguments.Connect(terminal, parsed);
        await using var held = await arguments.AcquireAsync(terminal, locks, parsed, token);
        await terminal.Out.WriteLineAsync(
            $"acquired {PrintableText.Of(string.Join(", ", held.Resources))}; fencing token {held.FencingToken}. "
                + "Press Enter to release."
        );
        await terminal.Out.FlushAsync(token);
        await using var asked = held.RevocationRequested.Register(() =>
            terminal.Error.WriteLine($"An operator asks for this lock: {PrintableText.Of(held.RevocationReason ?? "")}")
        );
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(held.Lost, token);
        try
        {
            while (await ReadLineAsync(terminal, ended.Token) is "d" or "D")
            {
                await held.DowngradeAsync(ended.Token);
                await terminal.Out.WriteLineAsync("downgraded: readers are let in. Press Enter to release.");
            }
        }
        catch (Exception e)
            when (held.Lost.IsCancellationRequested && e is OperationCanceledException or LockLostException)
        {
            await terminal.Error.WriteLineAsync($"The lock is lost: {PrintableText.Of(held.LossReason ?? "")}.");
            return held.LossCause == LockLossCause.Revoked ? ExitCodes.Revoked : ExitCodes.Lost;
        }

        await held.DisposeAsync();
        await terminal.Out.WriteLineAsync("released");
        return ExitCodes.Done;
    }

    // A console's read can't be cancelled: it is left behind.
    private static Task<string?> ReadLineAsync(Terminal terminal, CancellationToken token) =>
        Task.Run(terminal.In.ReadLine, token).WaitAsync(token);
}
