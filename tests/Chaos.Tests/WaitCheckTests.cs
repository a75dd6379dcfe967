// Whoever waits for a free lock in a time of calm is found; whoever waits for good reason is not.
using RaftLocks.Chaos.Checkers;
using static RaftLocks.Chaos.Tests.Histories;

namespace RaftLocks.Chaos.Tests;

public class WaitCheckTests
{
    private static readonly WaitCheck Calm = new(FromMs: 10_000, ToMs: 30_000, BoundMs: 5_000);

    [Fact]
    public void Waiting_for_a_lock_that_was_released_is_found() =>
        Found(
            Held(1, WriteA, sent: 0, acquired: 1, ended: 11_000, released: 11_001),
            Waiting(2, WriteAB, sent: 100, ended: null)
        );

    [Fact]
    public void Waiting_for_nobody_is_found() => Found(Waiting(2, WriteA, sent: 100, ended: 16_000));

    [Fact]
    public void A_grant_that_comes_too_late_is_found() =>
        Found(Held(2, WriteA, sent: 12_000, acquired: 20_000, ended: 20_001, released: 20_002));

    [Fact]
    public void Waiting_for_a_lock_whose_abandon_timeout_is_over_is_found() =>
        Found(
            Lost(1, WriteA, sent: 0, acquired: 1, ended: 9_000, timeout: 2_000),
            Waiting(2, WriteA, sent: 100, ended: null)
        );

    [Fact]
    public void Waiting_for_a_holder_is_no_violation() =>
        NotFound(
            Held(1, WriteA, sent: 0, acquired: 1, ended: 28_000, released: 28_001),
            Waiting(2, WriteA, sent: 100, ended: null)
        );

    [Fact]
    public void Waiting_for_an_abandon_timeout_is_no_violation() =>
        NotFound(
            Lost(1, WriteA, sent: 0, acquired: 1, ended: 12_000, timeout: 12_000),
            Waiting(2, WriteA, sent: 100, ended: null)
        );

    [Fact]
    public void Waiting_for_one_that_was_never_answered_and_may_hold_the_lock_is_no_violation() =>
        NotFound(
            Unanswered(WriteA, sent: 50, ended: 12_000, timeout: 12_000),
            Waiting(2, WriteA, sent: 100, ended: null)
        );

    [Fact]
    public void Waiting_before_the_calm_is_no_violation() =>
        NotFound(
            Held(1, WriteA, sent: 0, acquired: 14_000, ended: 14_001, released: 14_002),
            Waiting(2, WriteA, sent: 100, ended: 9_000)
        );

    [Fact]
    public void A_younger_one_is_in_nobodys_way() =>
        Found(
            Waiting(2, WriteA, sent: 100, ended: null),
            Held(3, WriteA, sent: 200, acquired: 201, ended: 29_000, released: 29_001)
        );

    private static void Found(params History.Request[] history) =>
        Assert.Equal("nobody waits for a free lock", Assert.Single(Calm.Check(history)).Promise);

    private static void NotFound(params History.Request[] history) => Assert.Empty(Calm.Check(history));
}
