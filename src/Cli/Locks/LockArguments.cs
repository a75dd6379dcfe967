// What "run", "lock" and "explain" have in common: which resources, how long to wait, as whom.
using System.CommandLine;
using System.CommandLine.Parsing;
using RaftLocks.Cli.Shared;
using RaftLocks.Client;

namespace RaftLocks.Cli.Locks;

internal sealed class LockArguments
{
    private readonly ClusterOptions cluster = new();

    public Option<string[]> Write { get; } = PathOption("--write", "-w", "A path to lock for writing; repeat for several");

    public Option<string[]> Read { get; } = PathOption("--read", "-r", "A path to lock for reading; repeat for several");

    public Option<TimeSpan?> Wait { get; } = Durations.Option("--wait", "How long to wait for the lock at most; 0 not at all [as long as it takes]");

    public Option<string?> Label { get; } = new("--label") { Description = "Who you are, for those who look [user@machine]" };

    public Option<TimeSpan?> AbandonTimeout { get; } = Durations.Option(
        "--abandon-timeout", "How long the cluster keeps the lock when it does not hear from here", TimeSpan.FromSeconds(60));

    public ClusterOptions Cluster => cluster;

    /// <summary>Adds the options to a command, with the check that something is locked.</summary>
    public Command AddTo(Command command)
    {
        foreach (var option in new Option[] { Write, Read, Wait, Label, AbandonTimeout, cluster.Nodes, cluster.Namespace })
        {
            command.Add(option);
        }

        command.Validators.Add(NeedsResources);
        return command;
    }

    public void NeedsResources(CommandResult result)
    {
        if (result.GetValue(Write) is not { Length: > 0 } && result.GetValue(Read) is not { Length: > 0 })
        {
            result.AddError("Say what to lock: --write PATH or --read PATH.");
        }
    }

    public LockResource[] Resources(ParseResult parsed) =>
    [
        .. (parsed.GetValue(Write) ?? []).Select(path => LockResource.Write(LockPath.Parse(path))),
        .. (parsed.GetValue(Read) ?? []).Select(path => LockResource.Read(LockPath.Parse(path))),
    ];

    public RaftLocksOptions ClientOptions(ParseResult parsed, TimeSpan? margin = null) => new()
    {
        Nodes = cluster.NodesOf(parsed),
        Namespace = parsed.GetRequiredValue(cluster.Namespace),
        AbandonTimeout = parsed.GetValue(AbandonTimeout) ?? TimeSpan.FromSeconds(60),
        SafetyMargin = margin,
        Label = LabelOf(parsed),
        ReportProgress = true,
    };

    /// <summary>Checks what only the client can tell; the message of the first mistake.</summary>
    public static RaftLocksClient Connect(RaftLocksOptions options) =>
        options.Validate() is { Count: > 0 } wrong ? throw new RaftLocksException(string.Join(' ', wrong)) : new RaftLocksClient(options);

    private string LabelOf(ParseResult parsed) => parsed.GetValue(Label) ?? $"{Environment.UserName}@{Environment.MachineName}";

    private static Option<string[]> PathOption(string name, string shortName, string description)
    {
        var option = new Option<string[]>(name, shortName) { Description = description, HelpName = "PATH" };
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                try
                {
                    LockResource.Write(LockPath.Parse(token.Value));
                }
                catch (Exception e) when (e is FormatException or ArgumentException)
                {
                    result.AddError($"{name} {token.Value}: {e.Message}");
                }
            }
        });
        return option;
    }
}
