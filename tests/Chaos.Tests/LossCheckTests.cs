// A client of the library that believes in a lock which another has is a violation; one that knows in time is not.
using RaftLocks.Chaos.Checkers;
using RaftLocks.Chaos.History;
using static RaftLocks.Chaos.Tests.Histories;

namespace RaftLocks.Chaos.Tests;

public class LossCheckTests
{
    private const string NoAnswer = "the cluster has not answered for almost the abandon timeout of 5 s; n1 closed";

    private static readonly Request Next = Held(2, WriteAB, sent: 2, acquired: 7_000, ended: 7_100, released: 7_101);

    [Fact]
    public void A_lock_that_is_known_to_be_lost_before_it_passes_on_is_no_violation() =>
        Assert.Empty(LossCheck.Check([Believed(heldAt: 5_480, foundLostAt: 5_500, lostAt: 5_510), Next]));

    [Fact]
    public void Belief_in_a_lock_that_has_passed_on_is_found() =>
        Found(
            "nobody believes in a lock that has passed on",
            Believed(heldAt: 7_010, foundLostAt: 7_030, lostAt: 7_030),
            Next
        );

    [Fact]
    public void It_is_found_after_a_pause_too() =>
        Found(
            "nobody believes in a lock that has passed on",
            Believed(heldAt: 7_010, foundLostAt: 7_030, lostAt: 7_030, gapMs: 6_000),
            Next
        );

    [Fact]
    public void It_is_found_where_the_lock_was_never_lost() =>
        Found("nobody believes in a lock that has passed on", Believed(heldAt: 7_010), Next);

    [Fact]
    public void Lost_that_fires_too_late_is_found() =>
        Found("Lost fires before the lock passes on", Believed(heldAt: 5_480, foundLostAt: 5_500, lostAt: 7_020), Next);

    [Fact]
    public void Lost_that_fires_late_because_its_process_stood_still_is_no_violation() =>
        Assert.Empty(LossCheck.Check([Believed(heldAt: 4_000, foundLostAt: 7_010, lostAt: 7_020, gapMs: 3_010), Next]));

    [Fact]
    public void Lost_that_never_fires_is_found() => Found("Lost fires", Believed(heldAt: 5_480, foundLostAt: 5_500));

    [Fact]
    public void A_lock_that_the_cluster_gave_up_in_time_is_found() =>
        Found(
            "a session keeps what it has",
            Believed(
                heldAt: 3_000,
                foundLostAt: 3_020,
                lostAt: 3_020,
                reason: "the cluster gave it up before this client came back"
            )
        );

    [Fact]
    public void Others_of_an_older_id_or_elsewhere_have_nothing_to_do_with_it() =>
        Assert.Empty(
            LossCheck.Check([
                Believed(heldAt: 7_010, foundLostAt: 7_030, lostAt: 7_030),
                Held(2, WriteB, sent: 2, acquired: 7_000, ended: 7_100, released: 7_101),
                Held(3, WriteA, sent: 2, acquired: 7_000, ended: 7_100, released: 7_101, ns: "other"),
                Held(4, WriteA, sent: 7_010, acquired: 7_031, ended: 7_100, released: 7_101),
            ])
        );

    [Fact]
    public void Two_readers_believe_in_peace()
    {
        var reader = Held(1, ReadA, sent: 0, acquired: 1, ended: 9_000, released: null, timeout: 5_000);
        reader.HolderView = new HolderView { HeldAt = 9_000 };
        Assert.Empty(LossCheck.Check([reader, Held(2, ReadA, sent: 2, acquired: 3, ended: 4, released: 5)]));
    }

    private static void Found(string promise, params Request[] history) =>
        Assert.Equal(promise, Assert.Single(LossCheck.Check(history)).Promise);

    private static Request Believed(
        double heldAt,
        double? foundLostAt = null,
        double? lostAt = null,
        double gapMs = 25,
        string reason = NoAnswer
    )
    {
        var request = Held(1, WriteA, sent: 0, acquired: 1, ended: heldAt, released: null, timeout: 5_000);
        request.HolderView = new HolderView
        {
            HeldAt = heldAt,
            FoundLostAt = foundLostAt,
            LostAt = lostAt,
            LongestGapMs = gapMs,
            LossReason = foundLostAt is null ? null : reason,
        };
        return request;
    }
}
