// The guard: a second process of this program between raftlocks and the command. It is the parent of the command and
// inherits all that the command's processes leave behind, so it can end every one of them; it does so when raftlocks
// says so, and when raftlocks is gone, whatever killed it.
using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipes;
using System.Text;
using RaftLocks.Cli.Shared;

namespace RaftLocks.Cli.Guard;

internal static class GuardProgram
{
    /// <summary>How many arguments a guard has.</summary>
    public const int ArgumentCount = 5;

    /// <summary>The arguments of a guard: the two pipes, the time between the first signal and SIGKILL, how long
    /// raftlocks may be stopped.
    /// </summary>
    public static string[] Arguments(string control, string report, TimeSpan killAfter, TimeSpan stopBound) =>
        [
            GuardProtocol.Mode,
            control,
            report,
            ((long)killAfter.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
            ((long)stopBound.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
        ];

    /// <summary>Runs a guard until its command and all that it started are gone.</summary>
    public static int Run(string[] arguments)
    {
        // No terminal stops the guard: whoever is stopped ends nothing.
        var events = new BlockingCollection<GuardEvent>();
        var relay = new SignalRelay();
        var stops = HandedSignals.RegisterTerminalStops(signal =>
        {
            relay.Received(signal);
            events.Add(new GuardEvent.TerminalStop());
        });

        // Before anything of .NET looks at it: whoever ignores its children's ends gets no exit codes.
        Libc.SetHandler(Libc.SigChild, 0);
        Libc.BecomeSubreaper();
        using var control = Pipe(PipeDirection.In, arguments[1]);
        using var report = Pipe(PipeDirection.Out, arguments[2]);

        // The error output may have no reader: that must not hold up the loop that ends the command.
        using var complaints = new BoundedStream(
            new DescriptorStream(2, isForgiving: true),
            Terminal.ErrorBound,
            HandedSignals.WriteFromBackground
        );
        var loop = new GuardLoop(
            TimeSpan.FromMilliseconds(long.Parse(arguments[3], CultureInfo.InvariantCulture)),
            relay,
            new ParentWatch(TimeSpan.FromMilliseconds(long.Parse(arguments[4], CultureInfo.InvariantCulture))),
            events,
            line => Say(report, line),
            sentence => complaints.Write(Encoding.UTF8.GetBytes($"raftlocks: {sentence}\n"))
        );
        var signals = HandedSignals.Register(relay.Received);
        new Thread(() => Hear(control, events)) { IsBackground = true }.Start();
        loop.Run();
        GC.KeepAlive(stops);
        GC.KeepAlive(signals);
        complaints.Drain(Terminal.LastErrorBound);
        return 0;
    }

    private static AnonymousPipeClientStream Pipe(PipeDirection direction, string handle)
    {
        Libc.KeepFromChildren(int.Parse(handle, CultureInfo.InvariantCulture));
        return new AnonymousPipeClientStream(direction, handle);
    }

    private static void Hear(Stream control, BlockingCollection<GuardEvent> events)
    {
        try
        {
            using var reader = new StreamReader(
                control,
                Encoding.UTF8,
                detectEncodingFromByteOrderMarks: false,
                leaveOpen: true
            );
            while (reader.ReadLine() is { } line)
            {
                events.Add(new GuardEvent.LineReceived(line));
            }
        }
        catch (IOException)
        {
            // As if it had ended.
        }

        events.Add(new GuardEvent.Alone());
    }

    private static void Say(Stream report, string line)
    {
        try
        {
            report.Write(Encoding.UTF8.GetBytes(line.ReplaceLineEndings(" ") + "\n"));
            report.Flush();
        }
        catch (IOException)
        {
            // raftlocks is gone; the other pipe reports it.
        }
    }
}

/// <summary>The events of a guard.</summary>
internal abstract record GuardEvent
{
    /// <summary>A line from raftlocks.</summary>
    internal sealed record LineReceived(string Line) : GuardEvent;

    /// <summary>The terminal stops processes, raftlocks among them as far as is known.</summary>
    internal sealed record TerminalStop : GuardEvent;

    /// <summary>raftlocks is gone.</summary>
    internal sealed record Alone : GuardEvent;

    /// <summary>The command itself has ended.</summary>
    internal sealed record CommandEnded(int Code) : GuardEvent;

    /// <summary>All processes that the command started have ended.</summary>
    internal sealed record AllGone : GuardEvent;
}
