// The operation that is under way on one file or folder. The watch checks it a few times a second, so a write costs two
// increments and no more.
namespace RaftLocks.Node.Raft.Files;

/// <summary>An operation of one thread at a time on one file, as the watch sees it.</summary>
/// <param name="path">The file or folder.</param>
/// <param name="watch">The watch.</param>
internal sealed class DiskOperation(string path, DiskWatch watch) : IDisposable
{
    // Odd while something is under way.
    private long count;
    private long seen;
    private bool told;

    /// <summary>The file or folder.</summary>
    public string Path => path;

    /// <summary>How long what is under way has been so; zero if nothing is.</summary>
    public TimeSpan UnderWay { get; private set; }

    /// <summary>Whether entries, votes or members wait for it. A snapshot is written beside them, and so is the log's
    /// next file.</summary>
    public bool HoldsUpCluster { get; } = !IsSnapshot(path) && !path.Contains("spare.tmp", StringComparison.Ordinal);

    /// <summary>The name of the file for people.</summary>
    public string What =>
        Name(path) switch
        {
            "vote" => "the vote",
            "members" => "the list of members",
            "node.json" => "the node's identity",
            _ => IsSnapshot(path) ? "a snapshot" : "the log",
        };

    /// <summary>Notes that an operation begins.</summary>
    public void Begin() => Interlocked.Increment(ref count);

    /// <summary>Notes that the operation has come back.</summary>
    public void End() => Interlocked.Increment(ref count);

    /// <inheritdoc/>
    public void Dispose() => watch.Forget(this);

    /// <summary>Adds a tick to the age of what is under way. Called by the watch only.</summary>
    internal void Age(TimeSpan tick)
    {
        var now = Interlocked.Read(ref count);
        UnderWay = now == seen && (now & 1) == 1 ? UnderWay + tick : TimeSpan.Zero;
        told &= now == seen;
        seen = now;
    }

    /// <summary>Whether this is the first request since it began.</summary>
    internal bool TellOnce()
    {
        var first = !told;
        told = true;
        return first;
    }

    private static string Name(string path) =>
        System.IO.Path.GetFileName(path.EndsWith(".tmp", StringComparison.Ordinal) ? path[..^".tmp".Length] : path);

    private static bool IsSnapshot(string path) =>
        Name(path) == "snapshots" || System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(path)) == "snapshots";
}
