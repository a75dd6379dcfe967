using RaftLocks.Cluster;

namespace RaftLocks.Load.Failover;

/// <summary>A cluster whose disks can hang and whose logs tell of elections.</summary>
internal sealed class MeasuredCluster : IAsyncDisposable
{
    private readonly Dictionary<string, FaultyDisk> disks;

    /// <summary>Describes it; starts nothing.</summary>
    public MeasuredCluster(int size, string followerMode)
    {
        Nodes = new LocalCluster(size, "--follower-mode", followerMode);
        Nodes.WriteSettings(FailoverPhases.Settings);
        disks = Nodes.Nodes.ToDictionary(
            node => node.Name,
            node => new FaultyDisk(node, Nodes.DataOf(node.Name)),
            StringComparer.Ordinal
        );
    }

    /// <summary>The nodes.</summary>
    public LocalCluster Nodes { get; }

    /// <summary>The disk of a node.</summary>
    public FaultyDisk DiskOf(NodeProcess node) => disks[node.Name];

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Nodes.DisposeAsync();
}
