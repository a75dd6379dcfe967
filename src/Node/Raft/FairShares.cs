// All numbers of how the proposer shares its batches (FlowScheduler).
namespace RaftLocks.Node.Raft;

/// <summary>
/// How the proposer shares its batches. Costs are counted in units of <see cref="CommandCost"/> and
/// <see cref="ByteCost"/>: a lock of a short path with its release costs about 320.
/// </summary>
internal sealed record FairShares
{
    /// <summary>What any command costs.</summary>
    public const int CommandCost = 128;

    /// <summary>
    /// What each byte of a lock's resources costs besides: the shortest segment is one byte, and one node of the tree.
    /// </summary>
    public const int ByteCost = 4;

    /// <summary>
    /// What a flow that had nothing waiting may take before all others: a client that waits for its answers never has
    /// more.
    /// </summary>
    public long First { get; init; } = 1024;

    /// <summary>What a flow takes before it is the turn of the next one of its party.</summary>
    public long Flow { get; init; } = 2048;

    /// <summary>What a party takes before it is the turn of the next one.</summary>
    public long Party { get; init; } = 8192;

    /// <summary>How many shares of a party the leader's own commands have: they end what others wait for.</summary>
    public int OwnWeight { get; init; } = 4;

    /// <summary>
    /// What all first shares may take of one batch while others have a backlog: about three quarters of the largest
    /// batch.
    /// </summary>
    public long AllFirst { get; init; } = 400_000;

    /// <summary>
    /// What those with a backlog may take of one batch while there are clients that wait for their answers: about 128
    /// commands. As long as such a batch takes, those wait longer.
    /// </summary>
    public long Backlog { get; init; } = 20_480;

    /// <summary>For how many batches such a client is remembered.</summary>
    public int Remembered { get; init; } = 256;

    /// <summary>Commands of one flow that may wait; its connection is read on when half of them are gone.</summary>
    public int FlowLength { get; init; } = 1024;

    /// <summary>The same while there are clients that wait for their answers.</summary>
    public int ContendedFlowLength { get; init; } = 256;
}
