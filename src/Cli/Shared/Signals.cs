// Signals: most commands just end; "run" hands them to its command instead.
using System.Runtime.InteropServices;
using RaftLocks.Cli.Guard;

namespace RaftLocks.Cli.Shared;

/// <summary>Turns the signals that ask a process to end into a cancellation.</summary>
internal sealed class Signals : IDisposable
{
    // What would end a process by itself, of all that is caught here.
    private static readonly int[] NotToEnd = [18, HandedSignals.TerminalStop, 23, 28];

    private static Signals? current;

    private readonly Lock mutex = new();
    private readonly CancellationTokenSource interrupted = new();
    private readonly List<PosixSignalRegistration> registrations;
    private Action<int>? handler;
    private bool isInterrupted;

    public Signals()
    {
        current = this;
        registrations = [.. HandedSignals.Register(Take), .. HandedSignals.RegisterTerminalStop(Take)];
    }

    /// <summary>A token that the first signal cancels.</summary>
    public CancellationToken Interrupted => interrupted.Token;

    /// <summary>
    /// From now on signals go here. False if one has come already: then it is too late to begin anything.
    /// </summary>
    public static bool TryHandTo(Action<int> handler)
    {
        if (current is not { } signals)
        {
            return true;
        }

        lock (signals.mutex)
        {
            signals.handler = signals.isInterrupted ? null : handler;
            return !signals.isInterrupted;
        }
    }

    /// <summary>Restores the usual effect: from now on signals end this process again.</summary>
    public static void TakeBack()
    {
        if (current is { } signals)
        {
            lock (signals.mutex)
            {
                signals.handler = null;
            }
        }
    }

    /// <summary>
    /// This process has its exit code. A signal that was for the command too, and has not reached this process yet,
    /// must not give it another one: the runtime restores their usual effect while it ends.
    /// </summary>
    public void Finish()
    {
        lock (mutex)
        {
            if (handler is not null)
            {
                HandedSignals.Ignore();
            }
        }
    }

    // The source stays: a signal may be on its way.
    public void Dispose() => registrations.ForEach(registration => registration.Dispose());

    private void Take(int signal)
    {
        Action<int>? taker;
        lock (mutex)
        {
            taker = handler;
            isInterrupted |= taker is null && !NotToEnd.Contains(signal);
        }

        if (taker is not null)
        {
            taker(signal);
        }
        else if (isInterrupted)
        {
            interrupted.Cancel();
        }
    }
}
