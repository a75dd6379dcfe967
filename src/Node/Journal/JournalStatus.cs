// The status of the journal, for /v1/cluster, the health page and the metrics.
namespace RaftLocks.Node.Journal;

/// <summary>A journal at one moment.</summary>
/// <param name="State"><c>on</c>, <c>stopped</c> (nothing is written, see the reason), <c>behind</c> (records are left
/// out) or <c>off</c>.</param>
/// <param name="Reason">Why it is stopped; empty otherwise.</param>
/// <param name="Position">Records of the ledger up to the last one that is durable here.</param>
/// <param name="Index">Raft index of that record.</param>
/// <param name="Bytes">Size on disk.</param>
/// <param name="Segments">Segments on disk.</param>
/// <param name="QueuedBytes">What waits to be written.</param>
/// <param name="LeftOut">Records left out since the node's start.</param>
/// <param name="Gaps">Gaps recorded since the node's start.</param>
internal sealed record JournalStatus(
    string State,
    string Reason,
    long Position,
    long Index,
    long Bytes,
    int Segments,
    long QueuedBytes,
    long LeftOut,
    long Gaps
)
{
    public static readonly JournalStatus Off = new("off", "", 0, 0, 0, 0, 0, 0, 0);
}
