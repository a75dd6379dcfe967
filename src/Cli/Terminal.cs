// Where the command line writes and reads. Results go to the output, everything else (progress, problems) to the error output,
// so that a program can read the one and a person still sees the other.
using Spectre.Console;

namespace RaftLocks.Cli;

/// <summary>The three streams of a process, or a test's.</summary>
/// <param name="Out">Results.</param>
/// <param name="Error">Progress and problems.</param>
/// <param name="In">Answers.</param>
/// <param name="IsInteractive">Whether a person sits there.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, TextReader In, bool IsInteractive)
{
    private const int WidthOfNoScreen = 400;

    public static Terminal OfProcess { get; } = new(Console.Out, Console.Error, Console.In, !Console.IsInputRedirected && !Console.IsErrorRedirected);

    /// <summary>For tables. What is no screen is never wrapped, so that it can be searched by line.</summary>
    public IAnsiConsole Tables()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Out) });
        if (Out != Console.Out || Console.IsOutputRedirected)
        {
            console.Profile.Width = WidthOfNoScreen;
        }

        return console;
    }
}
