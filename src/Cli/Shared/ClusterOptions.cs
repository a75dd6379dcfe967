// Which cluster, which namespace, as whom: options that many commands share, with defaults from the environment.
using System.CommandLine;
using RaftLocks.Client;

namespace RaftLocks.Cli.Shared;

internal sealed class ClusterOptions
{
    public Option<string[]> Nodes { get; } = new("--node", "-n")
    {
        Description = "A node's address; give several, or separate them by commas [RAFTLOCKS_NODES]",
        HelpName = "URL",
        DefaultValueFactory = _ => [FromEnvironment("RAFTLOCKS_NODES") ?? "http://127.0.0.1:9009"],
    };

    public Option<string> Namespace { get; } = new("--namespace", "-s")
    {
        Description = "The space of locks [RAFTLOCKS_NAMESPACE]",
        HelpName = "NAME",
        DefaultValueFactory = _ => FromEnvironment("RAFTLOCKS_NAMESPACE") ?? "default",
    };

    public Option<string?> Token { get; } = new("--token")
    {
        Description = "The admin token [RAFTLOCKS_ADMIN_TOKEN]",
        DefaultValueFactory = _ => FromEnvironment("RAFTLOCKS_ADMIN_TOKEN"),
    };

    public Option<bool> Json { get; } = new("--json") { Description = "JSON, for programs" };

    /// <summary>The nodes' addresses.</summary>
    /// <exception cref="RaftLocksException">One is none.</exception>
    public Uri[] NodesOf(ParseResult parsed) =>
    [
        .. parsed.GetRequiredValue(Nodes).SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Select(text =>
            Uri.TryCreate(text, UriKind.Absolute, out var node) && node.Scheme is "http" or "https"
                ? node!
                : throw new RaftLocksException($"--node '{text}' is no address, such as http://127.0.0.1:9009.")),
    ];

    public NodeApi Api(ParseResult parsed) => new(NodesOf(parsed), parsed.GetValue(Token));

    private static string? FromEnvironment(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
