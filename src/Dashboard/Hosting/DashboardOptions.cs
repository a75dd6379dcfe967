// What the dashboard must be told of the node that it belongs to. It knows no more of it: all it shows it asks by HTTP,
// like any client.
using Microsoft.AspNetCore.Http;
using RaftLocks.Api;

namespace RaftLocks.Dashboard;

/// <summary>A node, and where its API is.</summary>
public sealed record DashboardOptions
{
    /// <summary>The node's name.</summary>
    public required string NodeName { get; init; }

    /// <summary>The version that runs.</summary>
    public required string Version { get; init; }

    /// <summary>The beginning of the commit that it was built from; null where the build does not know it.</summary>
    public string? Commit { get; init; }

    /// <summary>Whether viewers must log in with a token; then they see and do what it allows.</summary>
    public required Func<bool> AsksForLogin { get; init; }

    /// <summary>Told of each login that is refused, and why.</summary>
    public required Action<HttpContext, string> LoginRefused { get; init; }

    /// <summary>Told of each principal that logs in or out, and which of these.</summary>
    public required Action<HttpContext, string, string> LoginChanged { get; init; }

    /// <summary>
    /// Where nobody logs in: whether revoking needs the admin token; else only viewers on the node's own machine may.
    /// </summary>
    public bool NeedsToken { get; init; }

    /// <summary>Whether viewers on the node's own machine may revoke without a token.</summary>
    public bool LocalMayRevoke { get; init; } = true;

    /// <summary>How the nodes are asked by https; null for as usual.</summary>
    public TlsClient? Tls { get; init; }

    /// <summary>This node's own address.</summary>
    public required Func<Uri> Self { get; init; }

    /// <summary>The leader and its address for other nodes; null while there is none.</summary>
    public required Func<NodeAddress?> Leader { get; init; }

    /// <summary>All members.</summary>
    public required Func<IReadOnlyList<NodeAddress>> Members { get; init; }
}

/// <summary>A node and its address for other nodes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Url">The address of its API.</param>
public sealed record NodeAddress(string Name, Uri Url);
