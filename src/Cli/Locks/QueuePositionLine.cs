// What a person sees while a lock is awaited: one line that is written anew ("3rd in line behind build-7, held 12 s"),
// or a line per change where the output is no screen.
using System.Globalization;
using RaftLocks.Cli.Shared;
using RaftLocks.Client;
using RaftLocks.Ledger;

namespace RaftLocks.Cli.Locks;

internal sealed class QueuePositionLine(Terminal terminal) : IProgress<LockProgress>, IDisposable
{
    private readonly Lock mutex = new();
    private int shown;
    private string? last;

    public void Report(LockProgress value)
    {
        lock (mutex)
        {
            var text = Describe(value);
            if (terminal.IsInteractive)
            {
                terminal.Error.Write("\r" + text.PadRight(shown));
                terminal.Error.Flush();
                shown = text.Length;
            }
            else if (text != last)
            {
                terminal.Error.WriteLine(text);
            }

            last = text;
        }
    }

    /// <summary>"3rd in line behind build-7, held 12 s".</summary>
    public static string Describe(LockProgress progress)
    {
        var place = $"{Ordinal(progress.Place)} in line";
        if (progress.BlockerId is not { } id)
        {
            return place;
        }

        var blocker = string.IsNullOrEmpty(progress.BlockerLabel)
            ? $"request {id}"
            : PrintableText.Of(progress.BlockerLabel);
        return $"{place} behind {blocker}, "
            + $"{(progress.BlockerHolds ? "held" : "waiting")} {Durations.Format(progress.BlockerSince)}";
    }

    public void Dispose() => Clear();

    /// <summary>Clears the line.</summary>
    public void Clear()
    {
        lock (mutex)
        {
            if (shown > 0)
            {
                terminal.Error.Write("\r" + new string(' ', shown) + "\r");
                shown = 0;
            }
        }
    }

    private static string Ordinal(int place) =>
        place.ToString(CultureInfo.InvariantCulture)
        + (
            (place % 100) is 11 or 12 or 13
                ? "th"
                : (place % 10) switch
                {
                    1 => "st",
                    2 => "nd",
                    3 => "rd",
                    _ => "th",
                }
        );
}
