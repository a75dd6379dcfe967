// Signals: most commands just end; "run" hands them to its child instead.
using System.Runtime.InteropServices;

namespace RaftLocks.Cli.Shared;

/// <summary>Turns the signals that ask a process to end into a cancellation.</summary>
internal sealed class Signals : IDisposable
{
    private static Signals? current;

    private readonly CancellationTokenSource interrupted = new();
    private readonly List<PosixSignalRegistration> registrations;
    private Action<PosixSignal>? handler;

    public Signals()
    {
        PosixSignal[] signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];
        registrations = [.. signals.Select(signal => PosixSignalRegistration.Create(signal, Take))];
        current = this;
    }

    /// <summary>Is cancelled by the first of them.</summary>
    public CancellationToken Interrupted => interrupted.Token;

    /// <summary>From now on signals go here.</summary>
    public static void HandTo(Action<PosixSignal> handler)
    {
        if (current is not null)
        {
            current.handler = handler;
        }
    }

    public void Dispose()
    {
        registrations.ForEach(registration => registration.Dispose());
        interrupted.Dispose();
    }

    private void Take(PosixSignalContext context)
    {
        context.Cancel = true;
        if (handler is { } other)
        {
            other(context.Signal);
        }
        else
        {
            interrupted.Cancel();
        }
    }
}
