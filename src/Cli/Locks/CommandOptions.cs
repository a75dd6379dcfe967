// What "run" and "elect" have in common: a command, and how it is ended when its lock goes.
using System.CommandLine;
using RaftLocks.Cli.Guard;
using RaftLocks.Cli.Shared;

namespace RaftLocks.Cli.Locks;

internal sealed class CommandOptions
{
    // Of the abandon timeout: so much is left when all of the command has ended.
    private const int ReservePart = 10;

    // How late the loss of a lock may be noticed when raftlocks is stopped by a signal.
    private static readonly TimeSpan NoticedLate = TimeSpan.FromSeconds(1);

    private readonly Option<Duration> killAfter = Durations.Option(
        "--kill-after",
        "How long a command that must end has after the first signal",
        TimeSpan.FromSeconds(5)
    );

    private readonly Option<string> onLost = new("--on-lost")
    {
        Description =
            "The first signal when the lock is lost or revoked. TERM goes to all of the command's processes, "
            + "another one to the command itself",
        HelpName = "SIGNAL",
        DefaultValueFactory = _ => "TERM",
    };

    public CommandOptions() =>
        onLost.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !HandedSignals.Names.ContainsKey(NameOf(result.Tokens[0].Value)))
            {
                result.AddError(
                    $"--on-lost '{result.Tokens[0].Value}' is no signal. Known are "
                        + $"{string.Join(", ", HandedSignals.Names.Keys)}."
                );
            }
        });

    /// <summary>Adds the options and the check of the command's name.</summary>
    public void AddTo(DescribedCommand command, Argument<string[]> child)
    {
        command.With([killAfter, onLost]);
        command.Validators.Add(result =>
        {
            if (result.GetValue(child) is [var name, ..] && string.IsNullOrWhiteSpace(name))
            {
                result.AddError("The command is empty. Is a variable unset?");
            }
        });
    }

    /// <summary>The way in which a command is ended, checked against the abandon timeout.</summary>
    /// <exception cref="UsageException">There would be no time left to work.</exception>
    public CommandTerms Terms(ParseResult parsed, TimeSpan abandonTimeout)
    {
        var (killTimeout, reserve) = (parsed.GetValue(killAfter).Time, abandonTimeout / ReservePart);
        if (killTimeout + reserve > abandonTimeout / 2)
        {
            throw new UsageException(
                $"--abandon-timeout {Durations.Exact(abandonTimeout)} leaves no time to work: "
                    + $"--kill-after, here {Durations.Exact(killTimeout)}, may be at most 0.4 of it. "
                    + $"Say --kill-after {Durations.Exact(abandonTimeout * 0.4)} or less, "
                    + $"or --abandon-timeout {Durations.Exact(killTimeout / 0.4)} or more."
            );
        }

        return new CommandTerms(
            HandedSignals.Names[NameOf(parsed.GetValue(onLost)!)],
            killTimeout,
            killTimeout + reserve,
            reserve > NoticedLate ? reserve - NoticedLate : TimeSpan.Zero
        );
    }

    private static string NameOf(string text) =>
        text.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? text[3..] : text;
}

/// <summary>The way in which a command is ended.</summary>
/// <param name="OnLost">The first signal.</param>
/// <param name="KillAfter">The time from there to SIGKILL.</param>
/// <param name="Margin">How long before the cluster may pass the lock on the first signal is sent.</param>
/// <param name="StopBound">How long raftlocks itself may be stopped until its guard ends the command.</param>
internal sealed record CommandTerms(int OnLost, TimeSpan KillAfter, TimeSpan Margin, TimeSpan StopBound);
