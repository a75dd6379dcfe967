// What a leadership needs from Raft. A simulation implements it with a log of its own.
using DotNext.IO.Log;
using DotNext.Net.Cluster;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Threading;

namespace RaftLocks.Node.Raft;

/// <summary>Replicates. Every failure is an <see cref="IReplication.IsLost"/> exception.</summary>
internal interface IReplication
{
    /// <summary>
    /// Whether an exception means only that the outcome of the call is unknown. A member that disconnects causes one: a
    /// leader that resigns sends to a member, and the death of that member must not end the leader. A log that failed
    /// interrupts its waiters; it reports itself why the node must end.
    /// </summary>
    static bool IsLost(Exception e) =>
        e
            is OperationCanceledException
                or InvalidOperationException
                or QuorumUnreachableException
                or MemberUnavailableException
                or PendingTaskInterruptedException;

    /// <summary>
    /// Whether this node is a majority by itself. Then a long silence is a stalled machine, and no other node can have
    /// been elected meanwhile.
    /// </summary>
    bool IsAlone => false;

    /// <summary>
    /// Appends an entry; usually returns when it is committed and applied here. That it returns proves nothing.
    /// </summary>
    ValueTask ReplicateAsync(ReadOnlyMemory<byte> entry, long term, object context, CancellationToken token);

    /// <summary>Returns when a majority has confirmed, after this was asked, that this node leads.</summary>
    ValueTask ConfirmAsync(CancellationToken token);

    /// <summary>Gives leadership up, if it has not been lost already.</summary>
    ValueTask ResignAsync(CancellationToken token);
}

/// <summary>The replication of the library.</summary>
internal sealed class RaftReplication(IRaftCluster cluster, Func<bool> isAlone) : IReplication
{
    /// <inheritdoc/>
    public bool IsAlone => isAlone();

    /// <inheritdoc/>
    public async ValueTask ReplicateAsync(
        ReadOnlyMemory<byte> entry,
        long term,
        object context,
        CancellationToken token
    ) =>
        await cluster.ReplicateAsync(
            new BinaryLogEntry
            {
                Content = entry,
                Term = term,
                Context = context,
            },
            token
        );

    /// <inheritdoc/>
    public ValueTask ConfirmAsync(CancellationToken token) =>
        cluster.ApplyReadBarrierAsync(ReadBarrierType.Strong, token);

    /// <inheritdoc/>
    public async ValueTask ResignAsync(CancellationToken token)
    {
        // The library would ask another leader to give up its own leadership.
        if (cluster.Leader is { IsRemote: false })
        {
            await cluster.ResignAsync(token);
        }
    }
}
