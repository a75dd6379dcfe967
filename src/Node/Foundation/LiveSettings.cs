// The settings that may change while the node runs. They are read at each use; all others are read once, at the start.
namespace RaftLocks.Node.Foundation;

/// <summary>The settings as they are now. Thread-safe.</summary>
/// <param name="atStart">The settings that the node was started with.</param>
internal sealed class LiveSettings(NodeSettings atStart)
{
    private volatile NodeSettings current = atStart;

    /// <summary>The settings that are in force.</summary>
    public NodeSettings Current => current;

    /// <summary>Takes over, of settings that were read anew, those that need no restart (<see
    /// cref="Setting.IsLive"/>).</summary>
    public void Take(NodeSettings read) =>
        current = current with
        {
            DefaultAbandonTimeoutMs = read.DefaultAbandonTimeoutMs,
            MaxConnections = read.MaxConnections,
            MaxNamespaces = read.MaxNamespaces,
            MaxLiveRequests = read.MaxLiveRequests,
            MaxWaitingPerNamespace = read.MaxWaitingPerNamespace,
            MaxRequestKb = read.MaxRequestKb,
            MaxSessionMb = read.MaxSessionMb,
            MaxNamespaceMb = read.MaxNamespaceMb,
            MaxPrincipalMb = read.MaxPrincipalMb,
            MaxLiveMb = read.MaxLiveMb,
            MaxChannels = read.MaxChannels,
        };
}
