namespace RaftLocks.Cluster;

// How one node of a test cluster is started, where it differs from the others.

/// <summary>A node before it is started.</summary>
/// <param name="Name">Its name in the cluster.</param>
/// <param name="RaftAddress">Where the others reach it by Raft.</param>
/// <param name="Url">Where clients reach it.</param>
public sealed record NodePlan(string Name, string RaftAddress, Uri Url)
{
    /// <summary>Where other nodes reach it by HTTP; null for where clients do.</summary>
    public Uri? InternalUrl { get; init; }

    /// <summary>Where it listens, and where the tests reach it; null for <see cref="Url"/>.</summary>
    public Uri? Listen { get; init; }

    /// <summary>Settings of this node alone.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>How it is written on the command line.</summary>
    public string Member =>
        $"{Name},{RaftAddress},{Origin(Url)}{(InternalUrl is null ? "" : "," + Origin(InternalUrl))}";

    internal static string Origin(Uri url) => url.GetLeftPart(UriPartial.Authority);
}
