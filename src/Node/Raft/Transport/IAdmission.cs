// What the connections between members must know of the node to tell a member's message from a stranger's, before the
// library sees a byte of it.
using System.Net;
using DotNext.Net.Cluster;

namespace RaftLocks.Node.Raft.Transport;

/// <summary>Who may speak Raft with this node, and what they may say. Thread-safe, and fast: it is asked for each
/// request.</summary>
internal interface IAdmission
{
    /// <summary>The term that this node is in.</summary>
    long Term { get; }

    /// <summary>By how much a received term may be greater than this node's.</summary>
    long MaxTermJump { get; }

    /// <summary>The name of the member that a message is said to be from; null for nobody.</summary>
    string? NameOf(in ClusterMemberId sender);

    /// <summary>The name of the member at a Raft address; null for nobody.</summary>
    string? NameAt(EndPoint endPoint);

    /// <summary>Whether a member has this name.</summary>
    bool IsMember(string name);

    /// <summary>What is wrong with an entry that was received; null if it may be appended.</summary>
    string? FaultOfEntry(ReadOnlySpan<byte> content, bool isConfiguration);

    /// <summary>What is wrong with the members that came before a snapshot; null if they may be taken over.</summary>
    string? FaultOfMembers(ReadOnlySpan<byte> members, long version);

    /// <summary>Is told of each refusal.</summary>
    /// <param name="from">The other end, if it is known.</param>
    /// <param name="isUnknown">Whether it is nobody this node knows: it may be a member that came meanwhile.</param>
    /// <param name="reason">Why; the end of a sentence.</param>
    void OnRefused(EndPoint? from, bool isUnknown, string reason);

    /// <summary>Is told of each connection that could not be accepted: for so long nobody reaches this node.</summary>
    void OnNotAccepted();
}
