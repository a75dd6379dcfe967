// Waiting for a lock on the command line, with what a person wants to see meanwhile.
using System.CommandLine;
using RaftLocks.Client;

namespace RaftLocks.Cli.Locks;

internal static class Acquiring
{
    public static async Task<HeldLock> Async(
        Terminal terminal, RaftLocksClient locks, LockArguments arguments, ParseResult parsed, bool quiet, CancellationToken token)
    {
        using var line = quiet ? null : new WaitingLine(terminal);
        return await locks.AcquireAsync(
            arguments.Resources(parsed), new LockOptions { Timeout = parsed.GetValue(arguments.Wait), Progress = line }, token);
    }
}
