// Watches over a command and its lock: what ends first. When it is the lock, the command is ended, with all that it
// started.
using RaftLocks.Cli.Guard;
using RaftLocks.Client;
using RaftLocks.Ledger;

namespace RaftLocks.Cli.Locks;

internal static class CommandUnderLock
{
    /// <summary>Waits until the command and all that it started have ended.</summary>
    /// <returns>Its own code, or one that says that it was ended for its lock.</returns>
    public static async Task<int> WatchAsync(
        Terminal terminal,
        CommandProcess command,
        IHeldLock held,
        CommandTerms terms
    )
    {
        await using var asked = held.RevocationRequested.Register(() =>
        {
            // It has as long as the operator granted: the end of that is a loss, below. It is told after that: nobody
            // may read what is told.
            command.End(terms.OnLost, killAfter: null);
            terminal.Error.WriteLine(
                $"raftlocks: the lock is revoked ({PrintableText.Of(held.RevocationReason ?? "")}): ending the command."
            );
        });
        try
        {
            var code = await command.Ended.WaitAsync(held.Lost);
            if (!held.IsLost)
            {
                return held.RevocationRequested.IsCancellationRequested ? ExitCodes.Revoked : code;
            }

            // While this process slept the lock was lost, and the guard has ended the command for it already.
        }
        catch (OperationCanceledException)
        {
            // The lock went first.
        }

        // After a grace it has been asked already, and there is no time left.
        var isAsked = held.RevocationRequested.IsCancellationRequested;
        command.End(
            isAsked ? Libc.SigKill : terms.OnLost,
            isAsked || terms.OnLost == Libc.SigKill ? TimeSpan.Zero : terms.KillAfter
        );
        await terminal.Error.WriteLineAsync(
            $"raftlocks: the lock is lost: {PrintableText.Of(held.LossReason ?? "")}: ending the command."
        );
        await command.Ended;
        return isAsked || held.LossCause == LockLossCause.Revoked ? ExitCodes.Revoked : ExitCodes.Lost;
    }
}
