// "raftlocks verify": proves a journal offline, or beside a running node. The proof itself is src/Ledger's.
using System.CommandLine;
using System.Text.Json;
using RaftLocks.Cli.Shared;
using RaftLocks.Journal;
using RaftLocks.Ledger.Proof;
using Spectre.Console;

namespace RaftLocks.Cli.Commands;

internal static class VerifyCommand
{
    private const int WithGaps = 3;
    private const int Unreadable = 4;
    private const int LooksAtTheEnd = 3;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    private const string Description = """
        Proves a journal: that its hash chain is whole, and from its events alone that mutual exclusion and first-come-first-served held.

        Examples:
          raftlocks verify /var/lib/raftlocks
          raftlocks verify export.journal --head http://10.0.0.2:9009

        Exit codes: 0 proven; 1 violated or tampered with; 2 wrong usage; 3 proven, but for gaps that the journal tells of; 4 there is no journal, or it can't be read.
        """;

    public static Command Make(Terminal terminal)
    {
        var path = new Argument<string>("PATH")
        {
            Description = "A node's data folder (running or not), a journal's folder, or an exported journal",
        };
        var heads = new Option<string[]>("--head")
        {
            Description = "What the journal must agree with: INDEX:HEX, or a node's URL; repeat for several",
            HelpName = "INDEX:HEX|URL",
        };
        var json = new Option<bool>("--json") { Description = "JSON, for programs" };
        var tls = new TlsOptions();
        var command = new DescribedCommand("verify", Description) { path, heads, json }.With(tls.All);
        command.SetAction(
            async (parsed, token) =>
            {
                var known = new List<KnownHead>();
                var trusted = tls.Target(parsed, isAsked: false, cluster: null).Api;
                foreach (var given in parsed.GetValue(heads) ?? [])
                {
                    if (await GivenHeads.ReadAsync(given, trusted, known, token) is { } wrong)
                    {
                        await terminal.Error.WriteLineAsync($"--head {given}: {wrong}");
                        return ExitCodes.WrongUsage;
                    }
                }

                return await VerifyAsync(terminal, parsed.GetRequiredValue(path), known, parsed.GetValue(json), token);
            }
        );
        return command;
    }

    /// <summary>The exit code of a proof's outcome, for scripts.</summary>
    public static int CodeOf(Outcome outcome) =>
        outcome switch
        {
            Outcome.Proven => ExitCodes.Done,
            Outcome.ProvenWithGaps => WithGaps,
            Outcome.Violated => ExitCodes.Failed,
            _ => Unreadable,
        };

    private static async Task<int> VerifyAsync(
        Terminal terminal,
        string path,
        List<KnownHead> heads,
        bool json,
        CancellationToken token
    )
    {
        try
        {
            var verdict = Run(terminal, path, heads);
            for (var again = 0; again < LooksAtTheEnd && verdict.EndIsMissing; again++)
            {
                // A running node writes its journal a moment after it has applied, and after another node has.
                await Task.Delay(BetweenLooks, token);
                verdict = Run(terminal, path, heads);
            }

            await terminal.Out.WriteAsync(json ? Json(verdict) : VerdictText.Of(path, verdict));
            return CodeOf(verdict.Outcome);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            await terminal.Error.WriteLineAsync(e.Message);
            return Unreadable;
        }
    }

    private static Verdict Run(Terminal terminal, string path, List<KnownHead> heads)
    {
        if (!terminal.IsInteractive)
        {
            return Verification.Run(path, heads, (_, _) => { });
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(terminal.Error) });
        return console
            .Progress()
            .AutoClear(enabled: true)
            .Start(progress =>
            {
                var task = progress.AddTask("proving", maxValue: 1);
                return Verification.Run(
                    path,
                    heads,
                    (share, events) =>
                    {
                        task.Value = share;
                        task.Description = string.Create(
                            System.Globalization.CultureInfo.InvariantCulture,
                            $"{events:N0} events"
                        );
                    }
                );
            });
    }

    private static string Json(Verdict verdict) =>
        JsonSerializer.Serialize(
            new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["outcome"] = verdict.Outcome.ToString(),
                ["segments"] = verdict.Segments,
                ["records"] = verdict.Records,
                ["events"] = verdict.Events,
                ["grants"] = verdict.Grants,
                ["live"] = verdict.Live,
                ["lastIndex"] = verdict.Last.Index,
                ["head"] = verdict.Last.Head.ToString(),
                ["gaps"] = verdict.Gaps.Select(gap => new
                {
                    gap.AfterIndex,
                    gap.Index,
                    gap.Text,
                }),
                ["violation"] = verdict.Violation is { } wrong
                    ? new
                    {
                        wrong.Where,
                        wrong.Position,
                        wrong.Index,
                        wrong.Text,
                    }
                    : null,
            }
        ) + "\n";
}
