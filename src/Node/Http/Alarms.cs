// What an operator must know though the locks go on: shown by the health pages and /v1/cluster.
using RaftLocks.Node.Journal;

namespace RaftLocks.Node.Http;

internal sealed class Alarms(NodeJournal? journal, ReplicaWatch replicas)
{
    /// <summary>How the journal does.</summary>
    public JournalStatus Journal => journal?.Status ?? JournalStatus.Off;

    /// <summary>How this node compares with the others.</summary>
    public IReadOnlyList<ReplicaView> Replicas => replicas.Views;

    /// <summary>One sentence each; empty when all is well.</summary>
    public IReadOnlyList<string> Raised
    {
        get
        {
            var raised = new List<string>();
            foreach (var other in Replicas.Where(other => other.DiffersAt > 0))
            {
                raised.Add($"the state differs from that of {other.Name} at index {other.DiffersAt}: one of the two nodes is damaged; stop the cluster, keep both data folders, and compare them with raftlocks-node verify");
            }

            if (journal is { Disagreements: > 0 })
            {
                raised.Add("the journal on disk was not the history of this node's state: compare the nodes with raftlocks-node verify");
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
