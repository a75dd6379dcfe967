// Which cluster, which namespace, as whom: options that many commands share. What is said on the command line counts
// before the environment, and the environment before the configuration file.
using System.CommandLine;
using RaftLocks.Api;

namespace RaftLocks.Cli.Shared;

/// <summary>The values of the options.</summary>
/// <param name="Nodes">The nodes' addresses.</param>
/// <param name="Namespace">The space of locks.</param>
/// <param name="AdminToken">The token for administration, if it is another one.</param>
/// <param name="Token">The token that says who asks.</param>
/// <param name="Tls">The certificates.</param>
internal sealed record ClusterTarget(Uri[] Nodes, string Namespace, string? AdminToken, string? Token, TargetTls Tls);

internal sealed class ClusterOptions
{
    private const string DefaultNode = "http://127.0.0.1:9009";
    private const string DefaultNamespace = "default";
    private const string NodesVariable = "RAFTLOCKS_NODES";
    private const string ClusterVariable = "RAFTLOCKS_CLUSTER";
    private const string NamespaceVariable = "RAFTLOCKS_NAMESPACE";
    private const string AdminTokenVariable = "RAFTLOCKS_ADMIN_TOKEN";
    private const string TokenVariable = "RAFTLOCKS_TOKEN";

    public Option<string[]> Nodes { get; } =
        new("--node", "-n")
        {
            Description =
                $"A node's address, or HOST:PORT; give several, or separate them by commas [{NodesVariable}] "
                + $"[default: {DefaultNode}]",
            HelpName = "URL",
        };

    public Option<string?> Cluster { get; } =
        new("--cluster", "-c")
        {
            Description = $"A cluster of the configuration file, instead of addresses [{ClusterVariable}]",
            HelpName = "NAME",
        };

    public Option<string?> Config { get; } =
        new("--config")
        {
            Description = $"The configuration file [{ConfigFile.Variable}] [default: ~/.config/raftlocks/config.ini]",
            HelpName = "FILE",
        };

    public Option<string?> Namespace { get; } =
        new("--namespace", "-s")
        {
            Description = $"The space of locks [{NamespaceVariable}] [default: {DefaultNamespace}]",
            HelpName = "NAME",
        };

    public Option<string?> Token { get; } =
        new("--token")
        {
            Description =
                $"The token that says who asks [{TokenVariable}], or the admin token of the nodes "
                + $"[{AdminTokenVariable}]",
            HelpName = "TOKEN",
        };

    public TlsOptions Tls { get; } = new();

    public Option<bool> Json { get; } = new("--json") { Description = "JSON, for programs" };

    /// <summary>The options that name the cluster and who asks, for a command.</summary>
    public Option[] Where => [Nodes, Cluster, Config, Token, .. Tls.All];

    /// <summary>Joins the options, the environment and the configuration file.</summary>
    /// <exception cref="UsageException">They make no sense.</exception>
    public ClusterTarget Target(ParseResult parsed)
    {
        var given = parsed.GetValue(Nodes) is { Length: > 0 } nodes ? string.Join(',', nodes) : null;
        var name = parsed.GetValue(Cluster);
        if (given is not null && name is not null)
        {
            throw new UsageException(
                "--node and --cluster exclude each other: one gives the addresses, the other takes them from the "
                    + "configuration file."
            );
        }

        // An address that was given belongs to no named cluster, and must not be sent that one's token.
        var isAsked = name is not null || parsed.GetValue(Config) is not null;
        var named = isAsked || (given is null && FromEnvironment(NodesVariable) is null) ? Named(parsed, name) : null;
        var cluster = given is null ? named : null;
        var fromVariable = given is null && cluster is null ? FromEnvironment(NodesVariable) : null;
        var space =
            parsed.GetValue(Namespace)
            ?? (isAsked ? cluster?.Namespace : null)
            ?? FromEnvironment(NamespaceVariable)
            ?? cluster?.Namespace
            ?? DefaultNamespace;
        var asked = parsed.GetValue(Token) ?? (isAsked ? cluster?.ReadToken() : null);
        var token = asked ?? FromEnvironment(TokenVariable) ?? cluster?.ReadToken();
        var adminToken = asked ?? FromEnvironment(AdminTokenVariable) ?? token;
        var (source, addresses) =
            given is not null ? ("--node", given)
            : fromVariable is not null ? (NodesVariable, fromVariable)
            : cluster is not null ? ($"nodes of [{cluster.Name}] in {cluster.Where}", cluster.Nodes!)
            : ("--node", DefaultNode);
        return space.Length > 0
            ? new ClusterTarget(
                Addresses(source, addresses),
                space,
                adminToken,
                token,
                Tls.Target(parsed, isAsked, named)
            )
            : throw new UsageException("--namespace is empty: give a name, or leave it out.");
    }

    /// <summary>A client of the nodes' HTTP API, which reports nodes that don't answer.</summary>
    public ApiClient Api(Terminal terminal, ParseResult parsed)
    {
        var target = Target(parsed);
        return new ApiClient(
            new ApiClientOptions
            {
                Nodes = () => target.Nodes,
                AdminToken = target.AdminToken,
                Token = target.Token,
                Tls = target.Tls.Api,
                NodeSkipped = new SkippedNodes(terminal).Tell,
            }
        );
    }

    private NamedCluster? Named(ParseResult parsed, string? name)
    {
        var option = parsed.GetValue(Config);
        var path = option ?? FromEnvironment(ConfigFile.Variable);
        if (path is not null && !Path.Exists(path))
        {
            throw new UsageException(
                $"There is no configuration file '{path}', which "
                    + $"{(option is null ? ConfigFile.Variable : "--config")} names: "
                    + "correct the path, or leave it out."
            );
        }

        name ??= FromEnvironment(ClusterVariable);
        var config = ConfigFile.Read(path);
        return config is not null || name is null
            ? config?.Find(name)
            : throw new UsageException(
                $"--cluster {name}: there is no configuration file {ConfigFile.UsualPath}. Write one, or name "
                    + "another by --config."
            );
    }

    private static Uri[] Addresses(string source, string text)
    {
        Uri[] nodes =
        [
            .. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(one =>
                    Address(one)
                    ?? throw new UsageException($"{source}: '{one}' is no address. Write it as {DefaultNode}.")
                ),
        ];
        return nodes.Length > 0
            ? nodes
            : throw new UsageException($"{source} is empty: give a node's address, such as {DefaultNode}.");
    }

    /// <summary>An address; a host and a port alone are one too.</summary>
    private static Uri? Address(string text)
    {
        var port = text.LastIndexOf(':');
        var isHostAndPort =
            port > 0
            && !text.Contains('/', StringComparison.Ordinal)
            && text.AsSpan(port + 1) is { IsEmpty: false } digits
            && !digits.ContainsAnyExceptInRange('0', '9');
        var address = isHostAndPort ? "http://" + text : text;
        return Uri.TryCreate(address, UriKind.Absolute, out var node) && node.Scheme is "http" or "https" ? node : null;
    }

    /// <summary>A variable; null if it is not set, or empty.</summary>
    /// <exception cref="UsageException">It is not UTF-8.</exception>
    public static string? FromEnvironment(string name)
    {
        var value = Environment.GetEnvironmentVariable(name);
        return string.IsNullOrEmpty(value) ? null
            : RawProcess.IsDoubtful(value)
                ? throw new UsageException($"The variable {name} is not UTF-8: write it in UTF-8, or unset it.")
            : value;
    }
}
