// Where the command line writes and reads. Results go to the output, everything else (progress, problems) to the error
// output, so that a program can read the one and a person still sees the other.
using System.Text;
using RaftLocks.Cli.Shared;
using Spectre.Console;

namespace RaftLocks.Cli;

/// <summary>The three streams of a process, or a test's.</summary>
/// <param name="Out">The output for results.</param>
/// <param name="Error">The output for progress and errors.</param>
/// <param name="In">The input for answers to questions.</param>
/// <param name="IsInteractive">Whether a person sits there.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, TextReader In, bool IsInteractive)
{
    /// <summary>How long a line for the error output may hold up what writes it.</summary>
    public static readonly TimeSpan ErrorBound = TimeSpan.FromMilliseconds(300);

    /// <summary>How long the end of a process waits for what has not been taken yet.</summary>
    public static readonly TimeSpan LastErrorBound = TimeSpan.FromSeconds(2);

    private const int WidthOfNoScreen = 400;

    /// <summary>
    /// The streams of this process. What can't be written to the output is told; what can't be written to the error
    /// output, or is not taken in time, is left out.
    /// </summary>
    public static Terminal OfProcess()
    {
        if (!OperatingSystem.IsWindows())
        {
            Console.SetOut(Writer(new DescriptorStream(1, isForgiving: false)));
            var error = new BoundedStream(new DescriptorStream(2, isForgiving: true), ErrorBound);
            Console.SetError(Writer(error));

            // No lock is held any more: a slow reader gets its last line.
            AppDomain.CurrentDomain.ProcessExit += (_, _) => error.Drain(LastErrorBound);
        }

        return new Terminal(
            Console.Out,
            Console.Error,
            Console.In,
            !Console.IsInputRedirected && !Console.IsErrorRedirected
        );
    }

    /// <summary>The console for tables. Output to a file or pipe is never wrapped, so that it can be searched by
    /// line.</summary>
    public IAnsiConsole Tables()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Out) });
        if (Out != Console.Out || Console.IsOutputRedirected)
        {
            console.Profile.Width = WidthOfNoScreen;
        }

        return console;
    }

    private static StreamWriter Writer(Stream stream) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
}
