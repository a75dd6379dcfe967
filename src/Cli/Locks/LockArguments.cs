// What "run", "lock", "elect" and "explain" have in common: which resources, how long to wait, as whom.
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using RaftLocks.Cli.Shared;
using RaftLocks.Client;

namespace RaftLocks.Cli.Locks;

internal sealed class LockArguments
{
    private readonly ClusterOptions cluster = new();
    private readonly Option<string?> semaphore = new("--semaphore")
    {
        Description = "A semaphore instead of paths: up to --slots holders at a time, first come, first served",
        HelpName = "NAME",
    };

    private readonly Option<int?> slots = new("--slots")
    {
        Description = "How many may hold the semaphore; all who use it must say the same",
        HelpName = "N",
    };

    public LockArguments()
    {
        Write = PathOption("--write", "-w", "A path to lock for writing; repeat for several");
        Read = PathOption("--read", "-r", "A path to lock for reading; repeat for several");
        LockPaths.Check(semaphore, Raw);
        slots.Validators.Add(result =>
        {
            if (
                result.Tokens.Count > 0
                && (
                    !int.TryParse(
                        result.Tokens[0].Value,
                        NumberStyles.None,
                        CultureInfo.InvariantCulture,
                        out var number
                    ) || number is < 1 or > LockSemaphore.MaxSlots
                )
            )
            {
                result.AddError(
                    $"--slots '{result.Tokens[0].Value}': give a number from 1 to {LockSemaphore.MaxSlots}."
                );
            }
        });
    }

    public Option<bool> Raw { get; } = LockPaths.RawOption();

    public Option<string[]> Write { get; }

    public Option<string[]> Read { get; }

    public Option<Duration?> Wait { get; } =
        Durations.Optional(
            "--wait",
            "How long to wait for the lock at most, up to 7d; 0 not at all [as long as it takes]",
            RaftLocksOptions.LongestAbandonTimeout
        );

    public Option<string?> Label { get; } =
        new("--label") { Description = "Who you are, for those who look [user@machine]", HelpName = "TEXT" };

    public Option<Duration> AbandonTimeout { get; } =
        Durations.Option(
            "--abandon-timeout",
            "How long the cluster keeps the lock when it does not hear from here, 1s to 7d",
            TimeSpan.FromSeconds(60),
            RaftLocksOptions.LongestAbandonTimeout
        );

    public Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "Says nothing while waiting" };

    public ClusterOptions Cluster => cluster;

    /// <summary>Adds the options to a command, with the check that something is locked.</summary>
    public DescribedCommand AddTo(DescribedCommand command)
    {
        command.With([Write, Read, semaphore, slots, Raw, Wait]);
        command.Validators.Add(result =>
        {
            if (result.GetValue(semaphore) is null)
            {
                NeedsResources(result, "--semaphore NAME");
            }
            else if (Names(result))
            {
                result.AddError("--semaphore stands instead of --write and --read: leave one of them out.");
            }

            if (result.GetResult(semaphore) is null != result.GetResult(slots) is null)
            {
                result.AddError("--semaphore NAME and --slots N belong together: give both.");
            }
        });
        return AddClientTo(command);
    }

    /// <summary>Adds the options that name the cluster, the namespace and the token.</summary>
    public DescribedCommand AddClientTo(DescribedCommand command) =>
        command.With([Label, AbandonTimeout, Quiet, .. cluster.Where, cluster.Namespace]);

    /// <summary>Refuses a command line that names no resources.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="otherwise">What else it may name.</param>
    public void NeedsResources(CommandResult result, string otherwise)
    {
        if (!Names(result))
        {
            result.AddError($"Say which lock: --write PATH, --read PATH or {otherwise}.");
        }
    }

    public LockResource[] Resources(ParseResult parsed)
    {
        var isRaw = parsed.GetValue(Raw);
        return
        [
            .. (parsed.GetValue(Write) ?? []).Select(path => LockResource.Write(Segments(path, isRaw))),
            .. (parsed.GetValue(Read) ?? []).Select(path => LockResource.Read(Segments(path, isRaw))),
        ];
    }

    /// <summary>Waits for what the options name, and shows meanwhile what a person wants to see.</summary>
    public async Task<IHeldLock> AcquireAsync(
        Terminal terminal,
        RaftLocksClient locks,
        ParseResult parsed,
        CancellationToken token
    )
    {
        using var line = parsed.GetValue(Quiet) ? null : new QueuePositionLine(terminal);
        var options = new LockOptions { Timeout = parsed.GetValue(Wait)?.Time, Progress = line };
        try
        {
            return parsed.GetValue(semaphore) is { } name
                ? await locks
                    .Semaphore(parsed.GetValue(slots)!.Value, Segments(name, parsed.GetValue(Raw)))
                    .AcquireAsync(options, token)
                : await locks.AcquireAsync(Resources(parsed), options, token);
        }
        catch (ArgumentException e)
        {
            throw UsageException.Of(e);
        }
    }

    /// <summary>A client as the options say.</summary>
    /// <param name="terminal">The output that reports which node does not answer.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="margin">How much earlier than the cluster the client treats the lock as lost.</param>
    public RaftLocksClient Connect(Terminal terminal, ParseResult parsed, TimeSpan? margin = null)
    {
        var target = cluster.Target(parsed);
        WholeProgram.LoadSoon();
        return Connect(
            terminal,
            target.Tls.AddTo(
                new RaftLocksOptions
                {
                    Nodes = target.Nodes,
                    Namespace = target.Namespace,
                    Token = target.Token,
                    AbandonTimeout = parsed.GetValue(AbandonTimeout).Time,
                    SafetyMargin = margin,
                    Label = parsed.GetValue(Label) ?? $"{Environment.UserName}@{Environment.MachineName}",
                    ReportProgress = true,
                }
            )
        );
    }

    /// <summary>A client with these options.</summary>
    /// <exception cref="UsageException">They make no sense.</exception>
    public static RaftLocksClient Connect(Terminal terminal, RaftLocksOptions options) =>
        options.Validate() is { Count: > 0 } wrong
            ? throw new UsageException(string.Join(' ', wrong))
            : new RaftLocksClient(options, new ConnectionLog(terminal));

    /// <summary>The segments of a path that was checked when it was parsed.</summary>
    public static string[] Segments(string path, bool isRaw) =>
        LockPaths.Parse(path, isRaw, out var segments) is { } wrong
            ? throw new UsageException($"'{path}': {wrong}")
            : segments;

    private bool Names(CommandResult result) =>
        result.GetValue(Write) is { Length: > 0 } || result.GetValue(Read) is { Length: > 0 };

    private Option<string[]> PathOption(string name, string shortName, string description)
    {
        var option = new Option<string[]>(name, shortName) { Description = description, HelpName = "PATH" };
        LockPaths.Check(option, Raw);
        return option;
    }
}
