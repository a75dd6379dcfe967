// All that a node is told at its start, checked. Nothing else in the node reads the command line, the environment or a
// file of settings.
using System.Net;

namespace RaftLocks.Node.Foundation;

/// <summary>Checked settings of a node.</summary>
internal sealed record NodeSettings
{
    /// <summary>What is wrong with a cluster where <see cref="IsRaftUnguarded"/> holds, and what to do.</summary>
    public const string UnguardedText =
        "The Raft port listens beyond this machine, and whoever reaches it can pass for a member. Give it "
        + "certificates (--raft-tls-cert, --raft-tls-key, --raft-tls-ca; raftlocks cert makes them, see "
        + "docs/security.md). Or let it listen on loopback (--raft-listen 127.0.0.1:7009). Or say --insecure, where "
        + "the network keeps strangers out.";

    /// <summary>This node's name.</summary>
    public required string Name { get; init; }

    /// <summary>The addresses of the listeners for clients.</summary>
    public required IReadOnlyList<string> ListenUrls { get; init; }

    /// <summary>The data folder; a full path.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>
    /// The members that the cluster is bootstrapped with, or to ask for the cluster to join; this node included.
    /// </summary>
    public required IReadOnlyList<Member> Members { get; init; }

    /// <summary>The address of the Raft listener; null for this member's own Raft address.</summary>
    public IPEndPoint? RaftListen { get; init; }

    /// <summary>Whether the node waits to be added to a cluster, rather than bootstrap one.</summary>
    public bool Join { get; init; }

    /// <summary>The token that permits administration; null if only this machine may administer.</summary>
    public string? AdminToken { get; init; }

    /// <summary>Whether rights are asked for before there are any tokens, too.</summary>
    public bool RequiresAuth { get; init; }

    /// <summary>Whether a lock is revoked as soon as its holder has no right to it any more.</summary>
    public bool RevokeWithoutRight { get; init; }

    /// <summary>Whose JWTs are accepted; null for nobody's.</summary>
    public JwtSettings? Jwt { get; init; }

    /// <summary>Whether a token may stand in the query.</summary>
    public bool AllowQueryToken { get; init; }

    /// <summary>Whether, without an admin token, programs on the node's own machine may administer.</summary>
    public bool AdminLocal { get; init; } = true;

    /// <summary>
    /// Names under which the node may be asked, besides its own and those of the members; "*" for all.
    /// </summary>
    public IReadOnlyList<string> AllowHosts { get; init; } = [];

    /// <summary>Origins of web pages that may use the node, besides its own pages; "*" for all.</summary>
    public IReadOnlyList<string> AllowOrigins { get; init; } = [];

    /// <summary>The certificates of the client port.</summary>
    public CertificatePaths Certificates { get; init; } = new();

    /// <summary>The certificates of the Raft port; null for plain TCP.</summary>
    public CertificatePaths? RaftCertificates { get; init; }

    /// <summary>Whether somebody has said that Raft may be spoken without TLS beyond this machine.</summary>
    public bool Insecure { get; init; }

    /// <summary>Whether others than this machine reach the Raft port, without TLS, and nobody has said that they
    /// may.</summary>
    public bool IsRaftUnguarded =>
        RaftCertificates is null
        && !Insecure
        && !((RaftListen ?? Self.RaftEndPoint as IPEndPoint)?.Address is { } address && IPAddress.IsLoopback(address));

    /// <summary>A follower's way to treat clients.</summary>
    public FollowerMode FollowerMode { get; init; }

    /// <summary>How long an acquired lock outlives its connection unless the client says otherwise, ms.</summary>
    public int DefaultAbandonTimeoutMs { get; init; } = Limits.DefaultAbandonTimeoutMs;

    /// <summary>How often a silent client is pinged, ms.</summary>
    public int PingIntervalMs { get; init; } = Limits.DefaultPingIntervalMs;

    /// <summary>
    /// How long a client that must answer pings may be silent, and any client out of TCP's reach, ms.
    /// </summary>
    public int PingTimeoutMs { get; init; } = Limits.DefaultPingTimeoutMs;

    /// <summary>Whether plain connections must answer pings as extended ones do.</summary>
    public bool RequirePong { get; init; }

    /// <summary>Whether the empty path is allowed; it locks the whole namespace.</summary>
    public bool AllowEmptyPath { get; init; }

    /// <summary>Connections of this node.</summary>
    public int MaxConnections { get; init; } = Limits.DefaultMaxConnections;

    /// <summary>Whether somebody asked for that number.</summary>
    public bool WantsMaxConnections { get; init; }

    /// <summary>Namespaces of the cluster.</summary>
    public int MaxNamespaces { get; init; } = Limits.DefaultMaxNamespaces;

    /// <summary>Locks held and requests waiting, in all namespaces together.</summary>
    public int MaxLiveRequests { get; init; } = Limits.DefaultMaxLiveRequests;

    /// <summary>Requests waiting in one namespace.</summary>
    public int MaxWaitingPerNamespace { get; init; } = Limits.DefaultMaxWaitingPerNamespace;

    /// <summary>Locks that a principal, or a namespace, asks for in a second; 0 for any number.</summary>
    public int MaxLocksPerSecond { get; init; }

    /// <summary>Locks that one connection asks for in a second; 0 for any number.</summary>
    public int MaxConnectionLocksPerSecond { get; init; }

    /// <summary>Memory that one lock may take, KiB.</summary>
    public int MaxRequestKb { get; init; } = Limits.DefaultMaxRequestKb;

    /// <summary>Memory for what a session holds and awaits, MiB.</summary>
    public int MaxSessionMb { get; init; } = Limits.DefaultMaxSessionMb;

    /// <summary>Memory for what is held and awaited in a namespace, MiB.</summary>
    public int MaxNamespaceMb { get; init; } = Limits.DefaultMaxNamespaceMb;

    /// <summary>Memory for what a principal holds and awaits, MiB.</summary>
    public int MaxPrincipalMb { get; init; } = Limits.DefaultMaxPrincipalMb;

    /// <summary>Memory for what is held and awaited in all namespaces together, MiB.</summary>
    public int MaxLiveMb { get; init; } = Limits.DefaultMaxLiveMb;

    /// <summary>Channels of one connection in use at once.</summary>
    public int MaxChannels { get; init; } = Limits.DefaultMaxChannels;

    /// <summary>Bytes of one message.</summary>
    public int MaxMessageBytes { get; init; } = Limits.DefaultMaxMessageBytes;

    /// <summary>The node's journal; null for none.</summary>
    public JournalOptions? Journal { get; init; }

    /// <summary>The address to which metrics and traces are sent; null for none.</summary>
    public Uri? Otlp { get; init; }

    /// <summary>Whether the dashboard is served.</summary>
    public bool Dashboard { get; init; }

    /// <summary>Whether the log has a line of JSON for each event, instead of one of text.</summary>
    public bool LogsJson { get; init; }

    /// <summary>When a snapshot is saved for the operator, and where to; null for never.</summary>
    public SnapshotPlan? Snapshots { get; init; }

    /// <summary>The member that this node is.</summary>
    public Member Self => Members.First(member => member.Name == Name);
}
