// Who may speak with a node, as a test says.
using System.Net;
using DotNext.Net.Cluster;
using RaftLocks.Node.Raft.Transport;

namespace RaftLocks.Node.Tests.Raft;

internal sealed class ScriptedAdmission : IAdmission
{
    /// <summary>The members' names by their addresses.</summary>
    public Dictionary<EndPoint, string> Members { get; } = [];

    /// <summary>What was refused.</summary>
    public List<string> Refused { get; } = [];

    /// <summary>How many connections could not be accepted.</summary>
    public int NotAccepted { get; private set; }

    public long Term { get; set; } = 5;

    public long MaxTermJump => TransportLimits.MaxTermJump;

    public string? NameOf(in ClusterMemberId sender)
    {
        foreach (var (endPoint, name) in Members)
        {
            if (ClusterMemberId.FromEndPoint(endPoint).Equals(sender))
            {
                return name;
            }
        }

        return null;
    }

    public string? NameAt(EndPoint endPoint) => Members.GetValueOrDefault(endPoint);

    public bool IsMember(string name) => Members.ContainsValue(name);

    public string? FaultOfEntry(ReadOnlySpan<byte> content, bool isConfiguration) =>
        content.IndexOf("garbage"u8) >= 0 ? "that is damaged" : null;

    public string? FaultOfMembers(ReadOnlySpan<byte> members, long version) =>
        members.IndexOf("garbage"u8) >= 0 ? "that is damaged" : null;

    public void OnNotAccepted() => NotAccepted++;

    public void OnRefused(EndPoint? from, bool isUnknown, string reason)
    {
        lock (Refused)
        {
            Refused.Add(reason);
        }
    }
}
