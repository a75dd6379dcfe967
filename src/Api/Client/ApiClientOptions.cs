// The nodes that a client of the HTTP API asks, and the bounds of time and size.
namespace RaftLocks.Api;

/// <summary>The settings of an <see cref="ApiClient"/>.</summary>
public sealed record ApiClientOptions
{
    /// <summary>The nodes that may be asked; they may change. A token is sent to none but these.</summary>
    public required Func<IReadOnlyList<Uri>> Nodes { get; init; }

    /// <summary>The token that lets in an administrator; for administration only.</summary>
    public string? AdminToken { get; init; }

    /// <summary>The secret that says who asks, with every request; null for none.</summary>
    public string? Token { get; init; }

    /// <summary>How long a connection may take to come about.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long one node may take to answer, unless the request says otherwise.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// For how long all nodes are asked again while they say that it may be otherwise soon. An election takes a few
    /// seconds; a leader that hangs is replaced within them too.
    /// </summary>
    public TimeSpan ElectionTimeout { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>
    /// The most bytes that are read of an answer. Only a page of a thousand requests with paths of the largest size is
    /// longer.
    /// </summary>
    public int MaxResponseBytes { get; init; } = 64 << 20;

    /// <summary>How many redirects are followed; 0 to ask only the node itself.</summary>
    public int MaxRedirects { get; init; } = 3;

    /// <summary>How TLS is done; null to trust the system's authorities, and show no certificate.</summary>
    public TlsClient? Tls { get; init; }

    /// <summary>Whether the environment's proxies are used.</summary>
    public bool UseProxy { get; init; } = true;

    /// <summary>Called with a node that did not answer, and why, when the next one is tried.</summary>
    public Action<Uri, string>? NodeSkipped { get; init; }
}
