// The configuration file: clusters by name, so that addresses need not be typed.
//
//   default = prod
//
//   [prod]
//   nodes = https://10.0.0.1:9009, https://10.0.0.2:9009
//   namespace = shop
//   token-file = ~/.config/raftlocks/prod.token
//   tls-ca = prod-ca.pem
namespace RaftLocks.Cli.Shared;

/// <summary>The PEM files of a cluster; null for none.</summary>
internal sealed record TlsFiles(string? Authorities = null, string? Certificate = null, string? Key = null);

/// <summary>A cluster of the configuration file.</summary>
internal sealed record NamedCluster(string Name, string Where)
{
    public string? Nodes { get; set; }

    public string? Namespace { get; set; }

    public string? Token { get; set; }

    public string? TokenFile { get; set; }

    public string? TlsCa { get; set; }

    public string? TlsCert { get; set; }

    public string? TlsKey { get; set; }

    /// <summary>The paths of its certificates.</summary>
    public TlsFiles Tls => new(Full(TlsCa), Full(TlsCert), Full(TlsKey));

    /// <summary>The admin token, from the file or from its token file; null if there is none.</summary>
    /// <exception cref="UsageException">Its file can't be read.</exception>
    public string? ReadToken()
    {
        if (TokenFile is null)
        {
            return Token;
        }

        var path = Full(TokenFile);
        try
        {
            return File.ReadAllText(path).Trim() is { Length: > 0 } token
                ? token
                : throw new UsageException($"{path}, the token file of [{Name}], is empty: write the token into it.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The token file of [{Name}] in {Where} can't be read: {e.Message}");
        }
    }

    // Relative to the file that names it.
    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(path))]
    private string? Full(string? path) =>
        path is null ? null
        : path.StartsWith("~/", StringComparison.Ordinal)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[2..])
        : Path.Combine(Path.GetDirectoryName(Path.GetFullPath(Where))!, path);
}

/// <summary>The configuration file.</summary>
internal sealed class ConfigFile
{
    /// <summary>The path of the file, if it is not the usual one.</summary>
    public const string Variable = "RAFTLOCKS_CONFIG";

    private const long MaxBytes = 1 << 20;

    private readonly Dictionary<string, NamedCluster> clusters = new(StringComparer.Ordinal);
    private readonly string path;
    private string? defaultName;

    private ConfigFile(string path) => this.path = path;

    /// <summary>The usual path of the file.</summary>
    public static string UsualPath =>
        Path.Combine(
            Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } folder ? folder
                : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData)
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config"),
            "raftlocks",
            "config.ini"
        );

    /// <summary>Reads it. Without a path the usual one, where it need not be.</summary>
    /// <exception cref="UsageException">It can't be read, or a line makes no sense.</exception>
    public static ConfigFile? Read(string? path)
    {
        if (path is null && !File.Exists(UsualPath))
        {
            return null;
        }

        var config = new ConfigFile(path ?? UsualPath);
        try
        {
            if (new FileInfo(config.path) is { Exists: true, Length: > MaxBytes })
            {
                throw new UsageException(
                    $"{config.path} has more than {MaxBytes} bytes: it is no configuration file. Name another by "
                        + "--config."
                );
            }

            config.Parse(File.ReadAllLines(config.path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The configuration file can't be read: {e.Message}");
        }

        return config;
    }

    private string Known =>
        clusters.Count == 0
            ? "is none at all"
            : $"are: {string.Join(", ", clusters.Keys.Order(StringComparer.Ordinal))}";

    /// <summary>A cluster by its name, or the default one; null if there is no default.</summary>
    /// <exception cref="UsageException">There is none of that name.</exception>
    public NamedCluster? Find(string? name) =>
        (name ?? defaultName) is not { } wanted ? null
        : clusters.TryGetValue(wanted, out var cluster) ? cluster
        : throw new UsageException($"There is no cluster '{wanted}' in {path}; there {Known}.");

    private void Parse(string[] lines)
    {
        NamedCluster? current = null;
        for (var number = 1; number <= lines.Length; number++)
        {
            var line = lines[number - 1].Trim();
            if (line.Length == 0 || line[0] is '#' or ';')
            {
                continue;
            }

            if (line[0] == '[')
            {
                var name = line.EndsWith(']') ? line[1..^1].Trim() : "";
                current =
                    name.Length > 0
                        ? new NamedCluster(name, path)
                        : throw Wrong(number, $"'{line}' is no heading such as [prod]");
                if (!clusters.TryAdd(name, current))
                {
                    throw Wrong(number, $"[{name}] stands here a second time");
                }

                continue;
            }

            var (key, value) = line.IndexOf('=', StringComparison.Ordinal) is > 0 and var at
                ? (line[..at].TrimEnd(), line[(at + 1)..].Trim())
                : throw Wrong(number, $"'{line}' is no line such as nodes = http://127.0.0.1:9009");
            if (value.Length == 0)
            {
                throw Wrong(number, $"'{key}' has no value");
            }

            Set(current, key, value, number);
        }

        foreach (var cluster in clusters.Values.Where(cluster => cluster.Nodes is null))
        {
            throw new UsageException($"{path}: [{cluster.Name}] has no line 'nodes = …'.");
        }
    }

    private void Set(NamedCluster? cluster, string key, string value, int number)
    {
        var isKnown = (cluster, key) switch
        {
            (null, "default") => (defaultName = value) is not null,
            ({ Nodes: null }, "nodes") => (cluster.Nodes = value) is not null,
            ({ Namespace: null }, "namespace") => (cluster.Namespace = value) is not null,
            ({ Token: null, TokenFile: null }, "token") => (cluster.Token = value) is not null,
            ({ Token: null, TokenFile: null }, "token-file") => (cluster.TokenFile = value) is not null,
            ({ TlsCa: null }, "tls-ca") => (cluster.TlsCa = value) is not null,
            ({ TlsCert: null }, "tls-cert") => (cluster.TlsCert = value) is not null,
            ({ TlsKey: null }, "tls-key") => (cluster.TlsKey = value) is not null,
            _ => false,
        };
        if (!isKnown)
        {
            throw Wrong(
                number,
                cluster is null
                    ? $"'{key}' is not known above the first [cluster]; known is: default"
                    : $"'{key}' is not known in [{cluster.Name}], or stands there already; known are: nodes, "
                        + "namespace, one of token and token-file, tls-ca, tls-cert, tls-key"
            );
        }
    }

    private UsageException Wrong(int line, string what) => new($"{path}:{line}: {what}.");
}
