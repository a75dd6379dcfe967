// What an operator must know while the locks continue to work: shown by the health pages and /v1/cluster.
using RaftLocks.Node.Certificates;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Journal;
using RaftLocks.Node.Raft;

namespace RaftLocks.Node.Metrics;

internal sealed class Alarms(NodeJournal? journal, ReplicaWatch replicas, RaftMetrics raft)
{
    /// <summary>Members whose builds are too old to be sent anything, as the leader knows them.</summary>
    public Func<IReadOnlyList<string>> TooOld { get; init; } = () => [];

    /// <summary>The certificates of this node's ports.</summary>
    public IReadOnlyList<WatchedCertificates> Certificates { get; init; } = [];

    /// <summary>Why the last scheduled snapshot could not be saved, if it could not.</summary>
    public Func<string?> NotSaved { get; init; } = () => null;

    /// <summary>The addresses that the others still use for this node, if they are wrong.</summary>
    public Func<Member?> KnownElsewhere { get; init; } = () => null;

    /// <summary>What is wrong with the keys of the issuer of JWTs, a part of a sentence; null if nothing is.</summary>
    public Func<string?> IssuerKeys { get; init; } = () => null;

    /// <summary>The condition of the journal.</summary>
    public JournalStatus Journal => journal?.Status ?? JournalStatus.Off;

    /// <summary>This node, compared with the others.</summary>
    public IReadOnlyList<ReplicaView> Replicas => replicas.Views;

    /// <summary>One sentence each; empty when all is well.</summary>
    public IReadOnlyList<string> Raised
    {
        get
        {
            var raised = new List<string>();
            if (KnownElsewhere() is { } known)
            {
                raised.Add(
                    $"the cluster still sends clients to {known.ClientUrl} and other nodes to {known.InternalUrl} "
                        + "for this node, which was started with other addresses; the leader changes that as "
                        + "soon as it can"
                );
            }

            foreach (var other in Replicas.Where(other => other.DiffersAt > 0))
            {
                raised.Add(
                    $"the state differs from that of {other.Name} at index {other.DiffersAt}: one of the two nodes is"
                        + " damaged; stop the cluster, keep both data folders, and compare them with raftlocks verify"
                );
            }

            if (journal is { Disagreements: > 0 })
            {
                raised.Add(
                    "the journal on disk was not the history of this node's state: compare the nodes with raftlocks"
                        + " verify"
                );
            }

            if (raft.SnapshotFailuresInARow is > 0 and var failures)
            {
                raised.Add(
                    $"no snapshot could be written, {failures} times in a row: the log grows, and at its bound "
                        + "this node stops; look at its disk"
                );
            }

            if (NotSaved() is { } why)
            {
                raised.Add($"no snapshot could be saved on schedule: {why}");
            }

            if (TooOld() is { Count: > 0 } tooOld)
            {
                raised.Add(
                    $"{string.Join(", ", tooOld)}: the build is too old for the cluster's feature level and is "
                        + "sent nothing; start the version that the others have"
                );
            }

            raised.AddRange(Certificates.SelectMany(CertificateAlarms.Of));
            if (IssuerKeys() is { } unread)
            {
                raised.Add(unread);
            }

            var status = Journal;
            if (status.State == "stopped")
            {
                raised.Add("the journal has stopped, the locks go on: " + status.Reason);
            }
            else if (status.State == "behind")
            {
                raised.Add("the journal can't keep up and leaves out records");
            }

            return raised;
        }
    }
}
