// Asks the guard again and again whether it is there. A guard that is stopped ends nothing: it is continued, and one
// that does not answer even then is killed, so that raftlocks inherits the command's processes and ends them itself.
using RaftLocks.Cli.Guard;

namespace RaftLocks.Cli.Locks;

/// <summary>Watches over a guard on a thread of its own.</summary>
/// <param name="guard">The process id of the guard.</param>
/// <param name="ping">Sends a ping to the guard.</param>
/// <param name="mustHaveEnded">Whether the time is over at which all of the command has to be gone.</param>
/// <param name="complain">Reports what was found.</param>
internal sealed class GuardWatch(int guard, Action ping, Func<bool> mustHaveEnded, Action<string> complain)
    : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(250);

    // Looks without an answer. The time in which this process does not run itself does not count.
    private const int SilentLooks = 2;
    private const int LongestSilence = 40;
    private const int LongestStart = 120;

    private readonly ManualResetEventSlim over = new();
    private volatile bool hasAnswered;
    private volatile bool isUp;

    /// <summary>Begins to watch.</summary>
    public void Start() => new Thread(Look) { IsBackground = true }.Start();

    /// <summary>The guard has said something.</summary>
    public void Answered() => (hasAnswered, isUp) = (true, true);

    /// <summary>Ends the watch.</summary>
    public void Dispose() => over.Set();

    private void Look()
    {
        var silent = 0;
        var isTold = false;
        while (!over.Wait(Every))
        {
            (silent, hasAnswered) = (hasAnswered ? 0 : silent + 1, false);
            if (silent == 0)
            {
                isTold = false;
            }
            else if (
                silent
                >= (
                    mustHaveEnded() ? SilentLooks
                    : isUp ? LongestSilence
                    : LongestStart
                )
            )
            {
                _ = Libc.Kill(guard, Libc.SigKill);
                complain(
                    "raftlocks: the process that guards the command does not answer: ending the command without it."
                );
                return;
            }
            else if (silent >= SilentLooks)
            {
                var isStopped = ProcessTree.IsStopped(guard);
                _ = Libc.Kill(guard, Libc.SigContinue);
                if (isStopped && !isTold)
                {
                    isTold = true;
                    complain(
                        "raftlocks: somebody has stopped the process that guards the command: it was told to go on."
                    );
                }
            }

            ping();
        }
    }
}
