// All that a leadership asks of Raft. A simulation answers it from a log of its own.
using DotNext.IO.Log;
using DotNext.Net.Cluster;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Threading;

namespace RaftLocks.Node.Raft;

/// <summary>Replicates. Every failure is an <see cref="IReplication.IsLost"/> exception.</summary>
internal interface IReplication
{
    /// <summary>Whether an exception means no more than that the fate of what was asked is not known. A peer that went away is one of them: a leader
    /// that resigns talks to one, and its death must not be the leader's. A log that failed interrupts whoever waits for it; it says itself why the node must
    /// end.</summary>
    static bool IsLost(Exception e) =>
        e is OperationCanceledException or InvalidOperationException or QuorumUnreachableException or MemberUnavailableException or PendingTaskInterruptedException;

    /// <summary>Whether this node is a majority by itself: then its silence is a stalled machine, and nobody else can have been elected meanwhile.</summary>
    bool IsAlone => false;

    /// <summary>Appends an entry; usually returns when it is committed and applied here. That it returns proves nothing.</summary>
    ValueTask ReplicateAsync(ReadOnlyMemory<byte> entry, long term, object context, CancellationToken token);

    /// <summary>Returns when a majority has confirmed, after this was asked, that this node leads.</summary>
    ValueTask ConfirmAsync(CancellationToken token);

    /// <summary>Gives leadership up. Whoever has lost it already without knowing asks the new leader to give up its own; that one may be gone.</summary>
    ValueTask ResignAsync(CancellationToken token);
}

/// <summary>The library's.</summary>
internal sealed class RaftReplication(IRaftCluster cluster, Func<bool> isAlone) : IReplication
{
    /// <inheritdoc/>
    public bool IsAlone => isAlone();

    /// <inheritdoc/>
    public async ValueTask ReplicateAsync(ReadOnlyMemory<byte> entry, long term, object context, CancellationToken token) =>
        await cluster.ReplicateAsync(new BinaryLogEntry { Content = entry, Term = term, Context = context }, token);

    /// <inheritdoc/>
    public ValueTask ConfirmAsync(CancellationToken token) => cluster.ApplyReadBarrierAsync(ReadBarrierType.Strong, token);

    /// <inheritdoc/>
    public async ValueTask ResignAsync(CancellationToken token) => await cluster.ResignAsync(token);
}
