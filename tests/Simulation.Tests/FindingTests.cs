// Plans that once broke a promise. Each stays, with what was wrong.
namespace RaftLocks.Simulation;

/// <summary>What simulations have found.</summary>
public class FindingTests
{
    /// <summary>
    /// The library's call failed, though the leadership went on and the entry was committed later. The session had been closed as in doubt and counted its
    /// command as on its way for ever: the lock was nobody's, and was never abandoned. Now doubt ends the leadership, and the next inherits the lock.
    /// </summary>
    [Fact]
    public void A_lock_in_doubt_is_inherited_even_if_the_leader_stays() => Simulations.Check(Plan.Parse(
        """
        {"Seed":1635065706,"Clients":[{"AbandonTimeoutMs":4000,"Cycles":[{"PauseMs":5,"Resource":0,"Write":true,"HoldMs":6,"Ending":0},{"PauseMs":0,"Resource":2,"Write":true,"HoldMs":4,"Ending":2},{"PauseMs":2,"Resource":2,"Write":true,"HoldMs":707,"Ending":1},{"PauseMs":3,"Resource":0,"Write":false,"HoldMs":5,"Ending":1},{"PauseMs":5,"Resource":0,"Write":true,"HoldMs":3,"Ending":4},{"PauseMs":2,"Resource":1,"Write":true,"HoldMs":0,"Ending":2}]},{"AbandonTimeoutMs":50,"Cycles":[{"PauseMs":5,"Resource":1,"Write":true,"HoldMs":1141,"Ending":0},{"PauseMs":577,"Resource":1,"Write":true,"HoldMs":2,"Ending":5},{"PauseMs":1870,"Resource":1,"Write":true,"HoldMs":472,"Ending":1},{"PauseMs":1,"Resource":1,"Write":true,"HoldMs":5,"Ending":1},{"PauseMs":1970,"Resource":0,"Write":true,"HoldMs":7,"Ending":3}]}],"Faults":[{"Kind":7,"AtMs":10244,"Node":1,"ForMs":1487},{"Kind":5,"AtMs":9555,"Node":0,"ForMs":557}]}
        """));
}
