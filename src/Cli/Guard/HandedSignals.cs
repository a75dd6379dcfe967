// The signals that are handed on to the command: all that a program may catch, but for those that .NET needs for itself
// and those that tell of the receiver's own errors (SIGSEGV and the like).
using System.Runtime.InteropServices;

namespace RaftLocks.Cli.Guard;

internal static class HandedSignals
{
    /// <summary>Stop, as Ctrl-Z asks for.</summary>
    public const int TerminalStop = 20;

    // Sent to a background job that reads from the terminal, or writes to it.
    private const int TerminalInput = 21;
    private const int TerminalOutput = 22;

    // SIG_IGN.
    private const nint IgnoringHandler = 1;

    private const int FirstFreeRealTime = 36;
    private const int LastRealTime = 64;

    // HUP, INT, QUIT, USR1, USR2, ALRM, TERM, STKFLT, CONT, URG, VTALRM, PROF, WINCH, IO, PWR.
    private static readonly int[] Linux =
    [
        1,
        2,
        3,
        10,
        12,
        14,
        15,
        16,
        18,
        23,
        26,
        27,
        28,
        29,
        30,
        .. Enumerable.Range(FirstFreeRealTime, LastRealTime - FirstFreeRealTime + 1),
    ];

    private static readonly PosixSignal[] Everywhere =
    [
        PosixSignal.SIGHUP,
        PosixSignal.SIGINT,
        PosixSignal.SIGQUIT,
        PosixSignal.SIGTERM,
    ];

    /// <summary>The signals with names, for options.</summary>
    public static IReadOnlyDictionary<string, int> Names { get; } =
        OperatingSystem.IsMacOS()
            ? Named(
                ("HUP", 1),
                ("INT", 2),
                ("QUIT", 3),
                ("KILL", 9),
                ("ALRM", 14),
                ("TERM", 15),
                ("USR1", 30),
                ("USR2", 31)
            )
            : Named(
                ("HUP", 1),
                ("INT", 2),
                ("QUIT", 3),
                ("KILL", 9),
                ("USR1", 10),
                ("USR2", 12),
                ("ALRM", 14),
                ("TERM", 15),
                ("WINCH", 28)
            );

    /// <summary>
    /// Calls a handler for each signal that this process was not told to ignore. The handler gets the system's number.
    /// </summary>
    public static List<PosixSignalRegistration> Register(Action<int> handler) =>
        OperatingSystem.IsLinux()
            ? Register(Linux, handler)
            :
            [
                .. Everywhere.Select(signal =>
                    PosixSignalRegistration.Create(signal, context => Take(context, NumberOf(signal), handler))
                ),
            ];

    /// <summary>Calls a handler for Ctrl-Z's signal, and then stops this process as the signal asks.</summary>
    public static List<PosixSignalRegistration> RegisterTerminalStop(Action<int> handler) =>
        Register(
            [TerminalStop],
            signal =>
            {
                handler(signal);

                // .NET leaves the default action of this one out. A shell waits until this process has stopped.
                _ = Libc.Kill(Environment.ProcessId, Libc.SigStop);
            }
        );

    /// <summary>Calls a handler for each signal by which a terminal stops processes. This one is not stopped.</summary>
    public static List<PosixSignalRegistration> RegisterTerminalStops(Action<int> handler) =>
        Register([TerminalStop, TerminalInput, TerminalOutput], handler);

    /// <summary>
    /// From now on they do nothing, on Linux: not even one that has come and that no thread has taken yet.
    /// </summary>
    public static void Ignore()
    {
        if (OperatingSystem.IsLinux())
        {
            Array.ForEach(Linux, signal => Libc.SetHandler(signal, IgnoringHandler));
        }
    }

    /// <summary>Lets the calling thread write to a terminal that stops background jobs for that.</summary>
    public static void WriteFromBackground() => Libc.Block(TerminalOutput);

    private static List<PosixSignalRegistration> Register(IEnumerable<int> signals, Action<int> handler)
    {
        if (!OperatingSystem.IsLinux())
        {
            return [];
        }

        var ignored = ProcessTree.IgnoredSignals();
        return
        [
            .. signals
                .Where(number => !ignored.Contains(number))
                .Select(number =>
                    PosixSignalRegistration.Create((PosixSignal)number, context => Take(context, number, handler))
                ),
        ];
    }

    private static void Take(PosixSignalContext context, int number, Action<int> handler)
    {
        context.Cancel = true;
        handler(number);
    }

    private static Dictionary<string, int> Named(params ReadOnlySpan<(string Name, int Number)> signals)
    {
        var named = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, number) in signals)
        {
            named[name] = number;
        }

        return named;
    }

    /// <summary>The number of one of those that .NET has names for.</summary>
    private static int NumberOf(PosixSignal signal) =>
        signal switch
        {
            PosixSignal.SIGHUP => 1,
            PosixSignal.SIGINT => 2,
            PosixSignal.SIGQUIT => 3,
            _ => 15,
        };
}
