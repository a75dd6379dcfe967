// Hands signals on to the command. A signal to a whole group of processes (Ctrl-C, a service manager's stop) reaches
// raftlocks, the guard and the command alike: then there is nothing to hand on. The guard knows because it gets such a
// signal itself.
using System.Diagnostics;

namespace RaftLocks.Cli.Guard;

internal sealed class SignalRelay
{
    private const int SignalNumbers = 65;
    private static readonly TimeSpan SameSignal = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan BeforeHandingOn = TimeSpan.FromMilliseconds(100);

    private readonly long[] receivedAt = new long[SignalNumbers];
    private readonly Queue<(int Signal, long At)> waiting = new();

    /// <summary>Whether there is something to hand on soon.</summary>
    public bool IsBusy => waiting.Count > 0;

    /// <summary>This process got a signal itself.</summary>
    public void Received(int signal) => Volatile.Write(ref receivedAt[signal], Stopwatch.GetTimestamp());

    /// <summary>raftlocks got a signal.</summary>
    public void HandOn(int signal)
    {
        if (signal is > 0 and < SignalNumbers)
        {
            waiting.Enqueue((signal, Stopwatch.GetTimestamp()));
        }
    }

    /// <summary>Hands on what has waited long enough.</summary>
    /// <param name="command">The process id of the command; 0 if it is not there.</param>
    public void Advance(int command)
    {
        while (waiting.TryPeek(out var next) && Stopwatch.GetElapsedTime(next.At) >= BeforeHandingOn)
        {
            waiting.Dequeue();
            var own = Volatile.Read(ref receivedAt[next.Signal]);
            var reachedAll =
                own != 0
                && Stopwatch.GetElapsedTime(own, next.At) < SameSignal
                && Libc.GetProcessGroup(command) == Libc.GetProcessGroup(0);
            if (!reachedAll && command != 0)
            {
                _ = Libc.Kill(command, next.Signal);
            }
        }
    }
}
