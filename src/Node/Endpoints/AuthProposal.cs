// A change of tokens or policies on its way through the log.
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Endpoints;

/// <summary>Proposes a change.</summary>
/// <param name="write">Adds the command to an entry.</param>
internal sealed class AuthProposal(Action<EntryWriter> write) : PendingCommand
{
    private readonly TaskCompletionSource<RejectReason?> applied = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    /// <summary>
    /// Why it was rejected, <see cref="RejectReason.None"/> if it was not; null if that is not known.
    /// </summary>
    public Task<RejectReason?> Applied => applied.Task;

    /// <inheritdoc/>
    public override void WriteTo(EntryWriter writer) => write(writer);

    /// <inheritdoc/>
    public override void OnApplied(in LockEvent reply) => applied.TrySetResult(reply.Reason);

    /// <inheritdoc/>
    public override void OnOutcomeUnknown() => applied.TrySetResult(null);

    /// <inheritdoc/>
    public override void OnDropped() => applied.TrySetResult(null);
}
