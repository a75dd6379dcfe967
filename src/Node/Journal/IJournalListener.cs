// Receives what the journal writes, as it writes it.
namespace RaftLocks.Node.Journal;

/// <summary>
/// Called for each record in order, from the journal's own task: an implementation must be quick and never wait.
/// </summary>
internal interface IJournalListener
{
    /// <summary>A record was written; not yet durable here, but it is in the Raft log of a majority.</summary>
    void OnRecord(ReadOnlySpan<byte> item);

    /// <summary>Records are missing.</summary>
    /// <param name="afterIndex">Raft index of the last one before them.</param>
    /// <param name="index">Raft index from which the journal continues.</param>
    /// <param name="text">Why.</param>
    void OnGap(long afterIndex, long index, string text);
}
