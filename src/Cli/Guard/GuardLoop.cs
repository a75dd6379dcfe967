// The guard's one loop: its input, the state of its children, and the time. Ending means a first signal, and SIGKILL to
// all when the time is over.
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RaftLocks.Cli.Guard;

internal sealed class GuardLoop(
    TimeSpan killAfter,
    SignalRelay relay,
    ParentWatch parent,
    BlockingCollection<GuardEvent> events,
    Action<string> report,
    Action<string> complain
)
{
    private static readonly TimeSpan Look = ParentWatch.Every;
    private static readonly TimeSpan BetweenKills = TimeSpan.FromMilliseconds(20);

    // What a command leaves behind often ends by itself at once: the other end of its pipe, say.
    private static readonly TimeSpan BeforeRemnants = TimeSpan.FromMilliseconds(200);

    // What SIGKILL does not end within this time waits for a disk, or belongs to another user.
    private static readonly TimeSpan KillBound = TimeSpan.FromSeconds(10);

    private readonly Suspension suspension = new(
        parent,
        number => report(GuardProtocol.Line(GuardProtocol.Suspended, number))
    );

    private CommandCgroup? cgroup;
    private int child;
    private int? code;
    private bool isAlone;
    private bool isEnding;
    private bool toldAll;
    private long? remnantsAt;
    private long? killAt;
    private long? killingSince;

    /// <summary>Ends when all is over.</summary>
    public void Run()
    {
        while (true)
        {
            if (!events.TryTake(out var next, Pause()))
            {
                next = null;
            }

            switch (next)
            {
                case GuardEvent.LineReceived told:
                    Obey(told.Line);
                    break;
                case GuardEvent.TerminalStop:
                    suspension.Ask();
                    break;
                case GuardEvent.Alone when child == 0:
                    return;
                case GuardEvent.Alone:
                    isAlone = true;
                    End(Libc.SigTerm, killAfter);
                    complain("raftlocks is gone: ending the command.");
                    break;
                case GuardEvent.CommandEnded ended:
                    code = ended.Code;
                    remnantsAt = Stopwatch.GetTimestamp();
                    break;
                case GuardEvent.AllGone:
                    cgroup?.Remove();
                    report(GuardProtocol.Line(GuardProtocol.Exited, code ?? 0));
                    return;
            }

            if (Advance())
            {
                return;
            }
        }
    }

    private TimeSpan Pause()
    {
        if (killingSince is not null || relay.IsBusy || suspension.IsAsked || remnantsAt is not null)
        {
            return BetweenKills;
        }

        var now = Stopwatch.GetTimestamp();
        return killAt is { } at
            ? Shorter(Look, Stopwatch.GetElapsedTime(now, Math.Max(at, now)) + TimeSpan.FromMilliseconds(1))
            : Look;
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private void Obey(string line)
    {
        var (word, text) = GuardProtocol.Read(line);
        var numbers = word == GuardProtocol.Go ? [] : GuardProtocol.Numbers(text);
        switch (word)
        {
            case GuardProtocol.Go when child == 0:
                Start(text);
                break;
            case GuardProtocol.Signal:
                relay.HandOn((int)numbers[0]);
                if (numbers[0] == HandedSignals.TerminalStop)
                {
                    suspension.Ask();
                }

                break;
            case GuardProtocol.End:
                End((int)numbers[0], numbers[1] < 0 ? null : TimeSpan.FromMilliseconds(numbers[1]));
                break;
            case GuardProtocol.Ping:
                report(GuardProtocol.Pong);
                break;
            case GuardProtocol.Resume:
                suspension.Resume(numbers[0]);
                break;
        }
    }

    private void Start(string text)
    {
        cgroup = CommandCgroup.MakeIfAllowed();
        var (program, command) = RawCommand.Read(text);
        (int Process, string? Problem) Spawn() => SpawnedCommand.Start(program, command);
        var (process, problem) = cgroup is null ? Spawn() : cgroup.Within(Spawn);
        if (problem is not null)
        {
            cgroup?.Remove();
            report($"{GuardProtocol.Failed} {problem}");
            return;
        }

        child = process;
        new Thread(Reap) { IsBackground = true }.Start();
        report(GuardProtocol.Line(GuardProtocol.Started, process));
    }

    // Who has no children left has no descendants left: the orphans among them become children.
    private void Reap()
    {
        while (true)
        {
            var process = Libc.WaitPid(-1, out var status, 0);
            if (process == child)
            {
                events.Add(
                    new GuardEvent.CommandEnded((status & 0x7f) == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f))
                );
            }
            else if (process < 0 && Marshal.GetLastPInvokeError() != Libc.Interrupted)
            {
                events.Add(new GuardEvent.AllGone());
                return;
            }
        }
    }

    /// <summary>Begins to end all that runs. The earlier of two ends counts.</summary>
    private void End(int signal, TimeSpan? timeout)
    {
        if (child == 0)
        {
            return;
        }

        // While raftlocks was stopped the lock may have passed on long ago: no process may continue, not even to end in
        // order.
        if (suspension.IsOn && timeout is not null)
        {
            (signal, timeout) = (Libc.SigKill, TimeSpan.Zero);
        }

        if (!isEnding || (signal == Libc.SigTerm && !toldAll))
        {
            isEnding = true;
            toldAll = signal == Libc.SigTerm;

            // What SIGTERM means is known to all; what another signal means is known to the command only.
            var all =
                toldAll ? Living()
                : code is null ? [child]
                : [];
            ProcessTree.Signal(all, signal);
            if (!suspension.IsOn)
            {
                ProcessTree.Signal(all, Libc.SigContinue);
            }
        }

        if (timeout is { } time)
        {
            var at = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
            killAt = killAt is { } earlier && earlier < at ? earlier : at;
        }
    }

    // The lock is held until nothing of the command is left.
    private void EndRemnants()
    {
        if (remnantsAt is not { } since || Stopwatch.GetElapsedTime(since) < BeforeRemnants)
        {
            return;
        }

        remnantsAt = null;
        if (!toldAll && Living() is { Count: > 0 } left)
        {
            report(GuardProtocol.Line(GuardProtocol.Remnants, left.Count));
            End(Libc.SigTerm, killAfter);
        }
    }

    private static List<int> Living() => ProcessTree.DescendantsOf(Environment.ProcessId);

    /// <summary>Does what the time has come for; true if there is no more to be done.</summary>
    private bool Advance()
    {
        if (child != 0)
        {
            // A signal that came before the start is for the command too.
            relay.Advance(code is null ? child : 0);
        }

        suspension.Advance();
        EndRemnants();
        if (child != 0 && !isAlone && !isEnding && !suspension.IsOn && parent.IsStoppedTooLong())
        {
            End(Libc.SigTerm, killAfter);
            complain("raftlocks is stopped and can't watch over the lock: ending the command.");
        }

        if (killAt is { } at && Stopwatch.GetTimestamp() >= at)
        {
            killingSince ??= Stopwatch.GetTimestamp();
            var living = KillAll();
            if (living.Count > 0 && Stopwatch.GetElapsedTime(killingSince.Value) > KillBound)
            {
                report(GuardProtocol.Line(GuardProtocol.Stuck, living.Select(process => (long)process).ToArray()));
                report(GuardProtocol.Line(GuardProtocol.Exited, code ?? 128 + Libc.SigKill));
                return true;
            }
        }

        return false;
    }

    // Look after look without a pause: what forks as fast as it can must not get away.
    private List<int> KillAll()
    {
        cgroup?.Kill();
        var startedAt = Stopwatch.GetTimestamp();
        List<int> living;
        while (
            ProcessTree.Signal(living = Living(), Libc.SigKill)
            && Stopwatch.GetElapsedTime(startedAt) < BetweenKills * 5
        )
        {
            Thread.Yield();
        }

        return living;
    }
}
