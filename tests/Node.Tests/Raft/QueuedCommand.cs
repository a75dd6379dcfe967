// Commands that wait for a proposer, as the tests of its queue need them: they have a flow, a cost and a number.
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Tests.Raft;

internal sealed class QueuedCommand(ProposalFlow? flow, int number = 0, int cost = FairShares.CommandCost)
    : PendingCommand
{
    public int Number => number;

    internal override ProposalFlow? Flow => flow;

    internal override int Cost => cost;

    public override void WriteTo(EntryWriter writer) { }

    public override void OnApplied(in LockEvent reply) { }

    public override void OnOutcomeUnknown() { }

    public override void OnDropped() { }
}
