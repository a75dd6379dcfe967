// Plans that once broke a promise. Each stays, with what was wrong.
namespace RaftLocks.Simulation;

/// <summary>What simulations have found.</summary>
public class FindingTests
{
    /// <summary>The library's call failed, though the leadership went on and the entry was committed later. The
    /// session had been closed as in doubt and counted its command as on its way for ever: the lock was nobody's, and
    /// was never abandoned. Now doubt ends the leadership, and the next inherits the lock.
    /// </summary>
    [Fact]
    public void A_lock_in_doubt_is_inherited_even_if_the_leader_stays() =>
        Simulations.Check(
            Plan.Parse(
                """
                {"Seed":1211225289,"Clients":[{"AbandonTimeoutMs":1000,"Cycles":[{"PauseMs":3,"Resource":1,"Write":true,"HoldMs":3,"Ending":0},{"PauseMs":754,"Resource":0,"Write":true,"HoldMs":1374,"Ending":1},{"PauseMs":5,"Resource":2,"Write":true,"HoldMs":10,"Ending":0},{"PauseMs":1,"Resource":1,"Write":true,"HoldMs":424,"Ending":4},{"PauseMs":4,"Resource":2,"Write":true,"HoldMs":7,"Ending":1},{"PauseMs":1787,"Resource":1,"Write":true,"HoldMs":3,"Ending":0}]},{"AbandonTimeoutMs":50,"Cycles":[{"PauseMs":71,"Resource":0,"Write":true,"HoldMs":1068,"Ending":3},{"PauseMs":174,"Resource":2,"Write":false,"HoldMs":9,"Ending":1},{"PauseMs":443,"Resource":0,"Write":true,"HoldMs":9,"Ending":4},{"PauseMs":2,"Resource":0,"Write":true,"HoldMs":1,"Ending":4}]},{"AbandonTimeoutMs":1000,"Cycles":[{"PauseMs":4,"Resource":1,"Write":false,"HoldMs":478,"Ending":1},{"PauseMs":2,"Resource":0,"Write":true,"HoldMs":0,"Ending":2},{"PauseMs":1256,"Resource":2,"Write":true,"HoldMs":7,"Ending":1},{"PauseMs":1081,"Resource":0,"Write":true,"HoldMs":788,"Ending":4}]}],"Faults":[{"Kind":7,"AtMs":2524,"Node":0,"ForMs":2770,"Aimed":true}],"Late":true}
                """
            )
        );
}
