// "raftlocks-node verify PATH": proves a journal, offline or beside a running node.
using System.CommandLine;
using System.Globalization;
using RaftLocks.Journal;
using RaftLocks.Ledger.Proof;

namespace RaftLocks.Node.Journal;

/// <summary>The subcommand that proves a journal.</summary>
internal static class VerifyCommand
{
    /// <summary>The first argument that calls it.</summary>
    public const string Name = "verify";

    private const int Proven = 0;
    private const int Violated = 1;
    private const int WrongUsage = 2;
    private const int WithGaps = 3;
    private const int Unreadable = 4;

    private const int LooksAtTheEnd = 3;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    private const string Description =
        """
        Proves a journal: that its hash chain is whole, and from its events alone that mutual exclusion and first-come-first-served held.

        Exit codes: 0 proven; 1 violated or tampered with; 2 wrong usage; 3 proven, but for gaps that the journal tells of;
          4 there is no journal, or it can't be read.
        """;

    /// <summary>Runs it and returns the exit code.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter output, TextWriter error)
    {
        var path = new Argument<string>("path") { Description = "A node's data folder (running or not), a journal's folder, or an exported journal." };
        var heads = new Option<string[]>("--head")
        {
            Description = "What the journal must agree with: INDEX:HEX, or a node's URL. Repeat for several.",
            HelpName = "INDEX:HEX|URL",
        };
        var command = new Command(Name, Description) { path, heads };
        var code = WrongUsage;
        command.SetAction(async (parsed, token) =>
        {
            var known = new List<KnownHead>();
            foreach (var given in parsed.GetValue(heads) ?? [])
            {
                if (await KnownHeads.ReadAsync(given, known, token) is { } wrong)
                {
                    await error.WriteLineAsync($"--head {given}: {wrong}");
                    return;
                }
            }

            code = await VerifyAsync(parsed.GetRequiredValue(path), known, output, error);
        });
        var result = new RootCommand { command }.Parse(arguments);
        var asked = await result.InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return result.Errors.Count > 0 ? WrongUsage : result.Action is System.CommandLine.Invocation.AsynchronousCommandLineAction ? code : asked;
    }

    private static async Task<int> VerifyAsync(string path, List<KnownHead> heads, TextWriter output, TextWriter error)
    {
        try
        {
            using var bar = new ProgressBar(error);
            var verdict = Verification.Run(path, heads, bar.Show);
            for (var again = 0; again < LooksAtTheEnd && verdict.EndIsMissing; again++)
            {
                // A running node writes its journal a moment after it has applied, and after another node has.
                await Task.Delay(BetweenLooks);
                verdict = Verification.Run(path, heads, bar.Show);
            }

            bar.Clear();
            await output.WriteAsync(VerdictText.Of(path, verdict));
            return verdict.Outcome switch
            {
                Outcome.Proven => Proven,
                Outcome.ProvenWithGaps => WithGaps,
                Outcome.Violated => Violated,
                _ => Unreadable,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            await error.WriteLineAsync(e.Message);
            return Unreadable;
        }
    }

    /// <summary>One line that is written again and again; nothing where nobody looks.</summary>
    private sealed class ProgressBar(TextWriter error) : IDisposable
    {
        private const int Width = 40;
        private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);

        private readonly bool isSeen = error == Console.Error && !Console.IsErrorRedirected;
        private long shownAt;
        private bool shown;

        public void Show(double share, long events)
        {
            if (!isSeen || System.Diagnostics.Stopwatch.GetElapsedTime(shownAt) < Every)
            {
                return;
            }

            shownAt = System.Diagnostics.Stopwatch.GetTimestamp();
            shown = true;
            var done = (int)(Math.Clamp(share, 0, 1) * Width);
            error.Write(string.Create(CultureInfo.InvariantCulture, $"\r[{new string('#', done)}{new string('.', Width - done)}] {share:P0} {events:N0} events "));
        }

        public void Clear()
        {
            if (shown)
            {
                error.Write("\r" + new string(' ', Width + 40) + "\r");
                shown = false;
            }
        }

        public void Dispose() => Clear();
    }
}
