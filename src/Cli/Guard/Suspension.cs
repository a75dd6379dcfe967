// Ctrl-Z, or a background job that reads from the terminal, stops raftlocks: then nobody notices that the lock is lost.
// The terminal's signal reaches one group of processes. The guard, which it never stops, stops all others that belong
// to the command too, and continues them when raftlocks says that the lock is still held.
using System.Diagnostics;

namespace RaftLocks.Cli.Guard;

/// <summary>Stops all of the command while raftlocks is stopped by the terminal.</summary>
/// <param name="parent">Says whether raftlocks is stopped.</param>
/// <param name="report">Called with the number of each suspension.</param>
internal sealed class Suspension(ParentWatch parent, Action<long> report)
{
    // What gets the terminal's signal itself may put its affairs in order first: an editor gives the screen back.
    private static readonly TimeSpan OwnStop = TimeSpan.FromMilliseconds(300);

    // By then raftlocks has stopped too, or the signal was not for it.
    private static readonly TimeSpan ParentBound = TimeSpan.FromSeconds(2);

    // A look after which nothing new is found ends the search; what forks as fast as it can is left to the next one.
    private static readonly TimeSpan SearchBound = TimeSpan.FromMilliseconds(100);

    private long? askedAt;
    private long number;

    /// <summary>Whether all of the command is stopped.</summary>
    public bool IsOn { get; private set; }

    /// <summary>Whether it may begin soon.</summary>
    public bool IsAsked => askedAt is not null;

    /// <summary>The terminal's signal was sent.</summary>
    public void Ask() => askedAt ??= Stopwatch.GetTimestamp();

    /// <summary>raftlocks says that the lock was still held after it had gone on.</summary>
    /// <param name="answered">The suspension that it knows of: an older one says nothing about this one.</param>
    public void Resume(long answered)
    {
        if (IsOn && answered == number)
        {
            IsOn = false;
            ProcessTree.Signal(ProcessTree.DescendantsOf(Environment.ProcessId), Libc.SigContinue);
        }
    }

    /// <summary>Does what the time has come for.</summary>
    public void Advance()
    {
        if (askedAt is { } at && Stopwatch.GetElapsedTime(at) is var since && since >= OwnStop)
        {
            if (parent.IsStopped)
            {
                askedAt = null;
                IsOn = true;
                report(++number);
            }
            else if (since >= ParentBound)
            {
                askedAt = null;
            }
        }

        if (IsOn)
        {
            StopAll();
        }
    }

    private static void StopAll()
    {
        var startedAt = Stopwatch.GetTimestamp();
        var told = new HashSet<int>();
        bool isNew;
        do
        {
            isNew = false;
            foreach (var process in ProcessTree.DescendantsOf(Environment.ProcessId))
            {
                if (!ProcessTree.IsStopped(process) && told.Add(process))
                {
                    isNew = true;
                    _ = Libc.Kill(process, Libc.SigStop);
                }
            }
        } while (isNew && Stopwatch.GetElapsedTime(startedAt) < SearchBound);
    }
}
