// The state behind its lock.
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Tests.Raft;

public class StateMachineHostTests
{
    [Fact]
    public void A_state_that_could_not_be_restored_is_not_taken_for_an_empty_one()
    {
        var applied = new StateMachineHost(new LockStateMachine());
        applied.Replace(() => throw new IOException("read error"));

        for (var look = 0; look < 3; look++)
        {
            Assert.Throws<IOException>(() => applied.Read(machine => machine.LiveCount));
            Assert.Throws<IOException>(() => applied.ApplyEmpty(index: 1, term: 1));
        }
    }
}
