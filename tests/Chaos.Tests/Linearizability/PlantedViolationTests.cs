// One violation of each kind, written down by hand, is found; the same history without it is explained.
using RaftLocks.Chaos.Checkers.Linearizability;
using RaftLocks.Chaos.History;
using static RaftLocks.Chaos.Tests.Histories;
using static RaftLocks.Chaos.Tests.Linearizability.Written;

namespace RaftLocks.Chaos.Tests.Linearizability;

public class PlantedViolationTests
{
    // Client 1 holds a/b until 50; client 2 waits for a from 10 on and holds it from 52 to 90.
    private static readonly Attempt First = Locked(1, WriteAB, sent: 0, answered: 2, releaseSent: 50, released: 51);
    private static readonly Attempt Second = Waited(
        2,
        WriteA,
        sent: 10,
        answered: 12,
        acquired: 53,
        releaseSent: 90,
        released: 92
    );

    [Fact]
    public void A_history_as_it_should_be_is_explained() =>
        Explained(
            [First, Second],
            Fence(1, Standing.Acquired, 20, 21),
            Fence(2, Standing.Enqueued, 20, 21),
            Fence(1, Standing.Gone, 60, 61),
            PageOf(30, 31, (1, Standing.Acquired), (2, Standing.Enqueued)),
            PageOf(95, 96),
            ExplainOf(ReadA, 30, 31, 1, 2),
            ExplainOf(WriteB, 30, 31),
            new ExplainId(30, 31, 2, Standing.Enqueued, [1])
        );

    [Fact]
    public void Two_holders_that_conflict_are_found() =>
        Violated([First, Locked(2, WriteA, sent: 10, answered: 12, releaseSent: 60, released: 61)]);

    [Fact]
    public void A_grant_while_an_older_one_holds_is_found() =>
        Violated([First, Waited(2, WriteA, sent: 10, answered: 12, acquired: 40, releaseSent: 60, released: 61)]);

    [Fact]
    public void A_grant_out_of_order_is_found()
    {
        var late = Waited(2, WriteA, sent: 10, answered: 12, acquired: 80, releaseSent: 90, released: 92);
        var overtaker = Waited(3, WriteA, sent: 20, answered: 22, acquired: 55, releaseSent: 70, released: 71);
        Violated([First, late, overtaker]);
    }

    [Fact]
    public void An_id_that_is_used_again_is_found() =>
        Violated([First, Second, Locked(2, WriteB, sent: 100, answered: 101, releaseSent: 110, released: 111)]);

    [Fact]
    public void An_id_that_goes_back_is_found() =>
        Violated([
            Locked(2, WriteA, sent: 0, answered: 1, releaseSent: 5, released: 6),
            Locked(1, WriteB, sent: 10, answered: 11, releaseSent: 15, released: 16),
        ]);

    [Fact]
    public void An_id_that_nobody_can_have_been_given_is_found() =>
        Violated([First, Waited(3, WriteA, sent: 10, answered: 12, acquired: 53, releaseSent: 90, released: 92)]);

    [Fact]
    public void A_stale_fence_is_found()
    {
        Violated([First, Second], Fence(1, Standing.Acquired, 60, 61));
        Violated([First, Second], Fence(2, Standing.Enqueued, 54, 60));
        Violated([First, Second], Fence(2, Standing.Gone, 13, 14));
    }

    [Fact]
    public void A_stale_page_of_locks_is_found()
    {
        Violated([First, Second], PageOf(60, 61, (1, Standing.Acquired), (2, Standing.Enqueued)));
        Violated([First, Second], PageOf(20, 21, (1, Standing.Acquired)));
        Violated([First, Second], PageOf(20, 21, (1, Standing.Acquired), (2, Standing.Acquired)));
        Explained([First, Second], PageOf(11, 21, (1, Standing.Acquired)));
    }

    [Fact]
    public void A_stale_explanation_is_found()
    {
        Violated([First, Second], ExplainOf(WriteAB, 60, 61, 1));
        Violated([First, Second], ExplainOf(WriteA, 20, 21, 1));
        Violated([First, Second], ExplainOf(WriteA, 3, 4));
        Violated([First, Second], new ExplainId(60, 61, 2, Standing.Enqueued, [1]));
    }

    [Fact]
    public void Reads_that_contradict_each_other_are_found() =>
        Violated([First, Second], Fence(1, Standing.Gone, 50, 50.4), Fence(1, Standing.Acquired, 50.5, 50.9));

    [Fact]
    public void A_release_that_did_not_take_is_found()
    {
        var waits = Locked(2, WriteA, sent: 60, answered: 61, releaseSent: 70, released: 71);
        waits.FirstAnswer = FirstAnswer.Enqueued;
        waits.AcquiredAt = null;
        Violated([First, waits]);
    }

    [Fact]
    public void A_try_that_was_refused_though_free_is_found()
    {
        Explained([First, Refused(WriteA, sent: 20, answered: 21)]);
        Explained([First, Refused(WriteA, sent: 50.5, answered: 60)]);
        Violated([First, Refused(WriteA, sent: 52, answered: 60)]);
        Violated([First, Refused(WriteB, sent: 20, answered: 21)]);
    }

    [Fact]
    public void A_downgrade_lets_readers_in_and_no_writer()
    {
        var downgraded = Locked(1, WriteAB, sent: 0, answered: 2, releaseSent: 50, released: 51);
        (downgraded.DowngradeSentAt, downgraded.DowngradedAt) = (20, 21);
        Explained([downgraded, Locked(2, ReadA, sent: 30, answered: 31, releaseSent: 40, released: 41)]);
        Violated([First, Locked(2, ReadA, sent: 30, answered: 31, releaseSent: 40, released: 41)]);
        Violated([downgraded, Locked(2, WriteA, sent: 30, answered: 31, releaseSent: 40, released: 41)]);
        Violated([downgraded], Fence(1, Standing.Acquired, 30, 31) with { HasWrites = true });
        Explained([downgraded], Fence(1, Standing.Acquired, 30, 31) with { HasWrites = false });
    }

    [Fact]
    public void A_downgrade_that_was_never_answered_may_have_let_readers_in()
    {
        var downgraded = Locked(1, WriteAB, sent: 0, answered: 2, releaseSent: null, released: null, timeout: 10_000);
        downgraded.DowngradeSentAt = 20;
        Explained([downgraded, Locked(2, ReadA, sent: 30, answered: 31, releaseSent: 40, released: 41)]);
        Violated([downgraded, Locked(2, ReadA, sent: 10, answered: 11, releaseSent: 40, released: 41)]);
        Violated([downgraded, Locked(2, WriteA, sent: 30, answered: 31, releaseSent: 40, released: 41)]);
    }

    [Fact]
    public void A_grant_that_was_acknowledged_and_lost_is_found()
    {
        var held = Locked(1, WriteAB, sent: 0, answered: 2, releaseSent: null, released: null, timeout: 1_000);
        var next = Locked(2, WriteA, sent: 500, answered: 510, releaseSent: 600, released: 601);
        Violated([held, next]);
        Violated([held], Fence(1, Standing.Gone, 500, 510));
        Explained([
            held,
            Waited(2, WriteA, sent: 500, answered: 510, acquired: 1_100, releaseSent: 1_200, released: 1_201),
        ]);
    }

    [Fact]
    public void A_timeout_of_one_that_held_is_found()
    {
        var timedOut = Waited(
            2,
            WriteA,
            sent: 10,
            answered: 12,
            acquired: null,
            releaseSent: null,
            released: null,
            wait: 20
        );
        timedOut.TimedOutAt = 40;
        Explained([First, timedOut]);
        timedOut.TimedOutAt = 25;
        Violated([First, timedOut]);
        timedOut.TimedOutAt = 40;
        Violated([Locked(1, WriteAB, sent: 0, answered: 2, releaseSent: 14, released: 15), timedOut]);
    }

    [Fact]
    public void A_revoked_lock_is_gone_and_no_other_is()
    {
        var revoked = Locked(1, WriteAB, sent: 0, answered: 2, releaseSent: null, released: null, timeout: 60_000);
        revoked.GoneAt = 22;
        var next = Locked(2, WriteA, sent: 30, answered: 31, releaseSent: 40, released: 41);
        Assert.Equal(Outcome.Explained, Judge([revoked, next], [new Revocation("ns", 1, 20, 21, "revoked")]));
        Assert.Equal(Outcome.Explained, Judge([revoked, next], [new Revocation("ns", 1, 20, 21, null)]));
        Assert.Equal(Outcome.Violated, Judge([revoked, next], [new Revocation("ns", 1, 25, 26, "revoked")]));
        Assert.Equal(Outcome.Violated, Judge([revoked, next], []));
    }

    [Fact]
    public void What_nobody_was_answered_may_have_happened_or_not()
    {
        var unanswered = Unanswered("x", WriteAB, sent: 5);
        Explained([unanswered, Locked(1, WriteA, sent: 10, answered: 12, releaseSent: 20, released: 21)]);
        Explained([unanswered, Locked(2, WriteA, sent: 10, answered: 12, releaseSent: 20, released: 21)]);
        Explained([unanswered, Waited(2, WriteA, sent: 10, answered: 12, acquired: 14, releaseSent: 20, released: 21)]);
        Violated([unanswered, Locked(3, WriteA, sent: 10, answered: 12, releaseSent: 20, released: 21)]);
        Violated([unanswered, Waited(1, WriteA, sent: 10, answered: 12, acquired: 14, releaseSent: 20, released: 21)]);
    }

    [Fact]
    public void What_became_of_it_may_be_told_in_the_end()
    {
        var unanswered = Unanswered("x", WriteAB, sent: 5);
        var after = Locked(2, WriteB, sent: 10, answered: 12, releaseSent: 20, released: 21);
        Assert.Equal(Outcome.Explained, Judge([unanswered, after], [], new Dictionary<string, ulong> { ["x"] = 1 }));
        Assert.Equal(Outcome.Violated, Judge([unanswered, after], [], new Dictionary<string, ulong>()));
    }

    [Fact]
    public void What_is_too_much_is_not_judged_and_says_so()
    {
        Attempt[] many =
        [
            .. Enumerable.Range(0, 12).Select(i => Unanswered($"x{i}", WriteAB, sent: i)),
            Waited(9, WriteA, 20, 22, acquired: null, releaseSent: 50, released: 51),
        ];
        var history = NamespaceHistory.Of(
            many,
            [new Reading("ns", Fence(1, Standing.Acquired, 52, 53) with { HasWrites = false })],
            []
        );
        var result = Assert.Single(LinearizabilityCheck.Check(history, new SearchBudget(100, TimeSpan.FromMinutes(1))));
        Assert.Equal(Outcome.Unknown, result.Outcome);
        Assert.Contains("NOT CHECKED", result.ToString(), StringComparison.Ordinal);
        Assert.Empty(LinearizabilityCheck.Violations([result]));
    }

    [Fact]
    public void Namespaces_are_judged_one_by_one_and_the_evidence_names_what_is_wrong()
    {
        Attempt[] attempts =
        [
            First,
            Second,
            Locked(1, WriteA, sent: 10, answered: 12, releaseSent: 60, released: 61, ns: "other"),
        ];
        var result = LinearizabilityCheck.Check(
            NamespaceHistory.Of(attempts, [new Reading("other", Fence(1, Standing.Gone, 20, 21))], [])
        );
        Assert.Equal([Outcome.Explained, Outcome.Violated], result.Select(history => history.Outcome));
        var evidence = Assert.Single(LinearizabilityCheck.Violations(result)).Evidence;
        Assert.StartsWith("other: ", evidence, StringComparison.Ordinal);
        Assert.Contains("/v1/fence told that #1 is gone", evidence, StringComparison.Ordinal);
    }

    private static void Explained(Attempt[] attempts, params Operation[] reads) =>
        Assert.Equal(Outcome.Explained, Judge(attempts, [], null, reads));

    private static void Violated(Attempt[] attempts, params Operation[] reads) =>
        Assert.Equal(Outcome.Violated, Judge(attempts, [], null, reads));

    private static Outcome Judge(
        Attempt[] attempts,
        Revocation[] revocations,
        Dictionary<string, ulong>? told = null,
        params Operation[] reads
    ) =>
        Assert
            .Single(
                LinearizabilityCheck.Check(
                    NamespaceHistory.Of(attempts, reads.Select(read => new Reading("ns", read)), revocations, told)
                )
            )
            .Outcome;
}
