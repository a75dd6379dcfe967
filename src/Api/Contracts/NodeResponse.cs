// GET /v1/node: who a node is, with which data, and whom it knows. Nodes ask each other.
using System.Text.Json.Serialization;

namespace RaftLocks.Api;

/// <summary>The answer of GET /v1/node. A build that says nothing of feature levels supports the first.</summary>
/// <param name="Name">The node.</param>
/// <param name="Incarnation">The incarnation of its data folder.</param>
/// <param name="Phase">See <see cref="NodePhase"/>.</param>
/// <param name="MembersIndex">Index of the configuration that it has applied.</param>
/// <param name="SupportedFeatureLevel">The highest feature level that its build supports.</param>
/// <param name="Members">The members by the configuration that it has applied.</param>
public sealed record NodeResponse(
    string Name,
    string Incarnation,
    [property: JsonRequired] string Phase,
    long MembersIndex,
    int SupportedFeatureLevel,
    [property: JsonRequired] IReadOnlyList<NodeMember> Members
)
{
    /// <summary>The members by the newest configuration in the log, where it is not applied yet.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<NodeMember>? LogMembers { get; init; }

    /// <summary>The version of its build. Builds before 0.2 do not say it.</summary>
    public string? Version { get; init; }

    /// <summary>The commit that it was built from; null where its build knew of no repository.</summary>
    public string? Commit { get; init; }

    /// <summary>The version of snapshots that it reads. A build that says nothing of it reads the first.</summary>
    public int SnapshotVersion { get; init; }

    /// <summary>
    /// The name of the node that this one, as the leader, is just adding as a member; null if there is none. Builds
    /// before 0.2 do not say it.
    /// </summary>
    public string? AddingMember { get; init; }

    /// <summary>The members by the newest configuration in the node's log.</summary>
    [JsonIgnore]
    public IReadOnlyList<NodeMember> NewestMembers => LogMembers ?? Members;

    /// <summary>The highest feature level that it supports, whatever it says.</summary>
    [JsonIgnore]
    public int FeatureLevelRead => Math.Max(SupportedFeatureLevel, 1);

    /// <summary>The version of snapshots that it reads, whatever it says.</summary>
    [JsonIgnore]
    public int SnapshotVersionRead => Math.Max(SnapshotVersion, 1);
}

/// <summary>A member as one node tells it to another.</summary>
/// <param name="Name">Its name.</param>
/// <param name="RaftHost">The host of its Raft listener.</param>
/// <param name="RaftPort">The port of its Raft listener.</param>
/// <param name="ClientUrl">The address that clients use.</param>
/// <param name="InternalUrl">The address at which other nodes reach its HTTP API.</param>
/// <param name="Incarnation">The incarnation of its data folder.</param>
public sealed record NodeMember(
    [property: JsonRequired] string Name,
    [property: JsonRequired] string RaftHost,
    int RaftPort,
    [property: JsonRequired] string ClientUrl,
    [property: JsonRequired] string InternalUrl,
    [property: JsonRequired] string Incarnation
);

/// <summary>The phases of a node.</summary>
public static class NodePhase
{
    /// <summary>The node was never in a cluster.</summary>
    public const string Founding = "founding";

    /// <summary>The node waits to be added to a cluster.</summary>
    public const string Joining = "joining";

    /// <summary>The node belongs to a cluster.</summary>
    public const string Member = "member";
}
