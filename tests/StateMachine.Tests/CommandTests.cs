// Commands in states that they fit and don't fit, one by one.
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Tests.Model;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Tests;

public class CommandTests
{
    private static readonly byte[] Space = [.. "n"u8];

    private readonly Replica replica = new();

    [Fact]
    public void What_does_not_fit_is_rejected_and_changes_neither_requests_nor_counters()
    {
        replica.Apply(w => w.Add(Lock(1, "a")));
        var before = (Live(), replica.Machine.NamespaceCount, replica.Machine.NodeCount);
        replica.Apply(w =>
        {
            w.Add(Lock(1, "b"));
            w.Add(new ReleaseCommand(Space, Replica.SessionOf(2), default));
            w.Add(new ReleaseCommand("nowhere"u8.ToArray(), Replica.SessionOf(1), default));
            w.Add(new ReleaseCommand(Space, Replica.SessionOf(1), "other channel"u8.ToArray()));
            w.Add(new AbandonCommand(Space, 2));
            w.Add(new AbandonCommand("nowhere"u8.ToArray(), 1));
            w.Add(Lock(2, "a") with { WaitLimitMs = 0 });
            w.Add(new RaiseFeatureLevelCommand(1));
        });
        Assert.Equal(
            [
                RejectReason.AlreadyLive,
                RejectReason.NothingLive,
                RejectReason.NothingLive,
                RejectReason.NothingLive,
                RejectReason.NoSuchRequest,
                RejectReason.NoSuchRequest,
                RejectReason.Busy,
                RejectReason.LevelNotHigher,
            ],
            Enumerable.Range(0, replica.Events.Count).Select(i => replica.Events[i].Reason)
        );
        Assert.All(
            Enumerable.Range(0, 8),
            i =>
                Assert.Equal(
                    (EventKind.Rejected, i, true),
                    (replica.Events[i].Kind, replica.Events[i].Ordinal, replica.Events[i].IsReply)
                )
        );
        Assert.Equal(before, (Live(), replica.Machine.NamespaceCount, replica.Machine.NodeCount));
    }

    [Fact]
    public void An_entry_of_rejected_commands_changes_nothing_but_clock_index_and_ledger_position()
    {
        replica.Apply(w => w.Add(Lock(1, "a")), timeMs: 10);
        var twin = replica.Reborn(hashSeed: 3);
        replica.Apply(w => w.Add(new AbandonCommand(Space, 9)), timeMs: 11);
        twin.Apply(_ => { }, timeMs: 11);
        Assert.Equal(twin.Snapshot(), replica.Snapshot());
    }

    [Fact]
    public void A_late_abandon_never_hits_the_sessions_next_lock()
    {
        replica.Apply(w => w.Add(Lock(1, "a")));
        replica.Apply(w => w.Add(new ReleaseCommand(Space, Replica.SessionOf(1), default)));
        replica.Apply(w => w.Add(Lock(1, "a")));
        replica.Apply(w => w.Add(new AbandonCommand(Space, 1)));
        Assert.Equal(RejectReason.NoSuchRequest, replica.Events[0].Reason);
        Assert.True(replica.Machine.FindRequest(Space, 2)!.IsAcquired);
    }

    [Fact]
    public void A_try_that_fails_takes_no_number_and_leaves_no_namespace_behind()
    {
        replica.Apply(w => w.Add(Lock(1, "a")));
        replica.Apply(w => w.Add(Lock(2, "a", "b") with { WaitLimitMs = 0 }));
        replica.Apply(w => w.Add(Lock(2, "b") with { WaitLimitMs = 0 }));
        Assert.Equal((EventKind.Acquired, 2UL), (replica.Events[0].Kind, replica.Events[0].Id));
        Assert.Equal(1, replica.Machine.NamespaceCount);
    }

    [Fact]
    public void Channels_of_a_session_are_apart()
    {
        replica.Apply(w =>
        {
            w.Add(Lock(1, "a"));
            w.Add(Lock(1, "b") with { Channel = "two"u8.ToArray() });
        });
        Assert.Equal(2, replica.Machine.LiveCount);
        replica.Apply(w => w.Add(new ReleaseCommand(Space, Replica.SessionOf(1), "two"u8.ToArray())));
        Assert.Equal(2UL, replica.Events[0].Id);
    }

    [Fact]
    public void An_empty_namespace_keeps_its_counter_through_a_snapshot()
    {
        replica.Apply(w => w.Add(Lock(1, "a")));
        replica.Apply(w => w.Add(new ReleaseCommand(Space, Replica.SessionOf(1), default)));
        var restored = replica.Reborn(hashSeed: 4);
        Assert.True(restored.Machine.TryGetNamespace(Space, out var summary));
        Assert.Equal(new NamespaceSummary(LastId: 1, LiveCount: 0, AcquiredCount: 0), summary);
        restored.Apply(w => w.Add(Lock(1, "a")));
        Assert.Equal(2UL, restored.Events[0].Id);
    }

    [Fact]
    public void The_clock_never_runs_backwards()
    {
        replica.Apply(w => w.Add(Lock(1, "a")), timeMs: 500);
        replica.Apply(w => w.Add(Lock(2, "b")), timeMs: 400);
        Assert.Equal(500, replica.Machine.ClockMs);
        Assert.Equal(500, replica.Machine.FindRequest(Space, 2)!.EnqueuedAtMs);
    }

    [Fact]
    public void Raft_s_own_entries_move_index_and_term_and_nothing_else()
    {
        replica.Apply(w => w.Add(Lock(1, "a")));
        var (ledger, digest) = (replica.Machine.LedgerHead, replica.Machine.Digest);
        replica.Machine.ApplyEmpty(64, 8);
        Assert.Equal(
            (64L, 8L, ledger),
            (replica.Machine.AppliedIndex, replica.Machine.AppliedTerm, replica.Machine.LedgerHead)
        );
        Assert.NotEqual(digest, replica.Machine.Digest);
        Assert.Equal([new DigestPoint(64, replica.Machine.Digest, ledger.Head)], replica.Machine.DigestHistory);
    }

    [Fact]
    public void The_ring_of_digests_keeps_the_last_ones_at_multiples()
    {
        var machine = replica.Machine;
        for (var index = 1; index <= Limits.DigestInterval * (Limits.DigestPointsKept + 3); index++)
        {
            machine.ApplyEmpty(index, 1);
        }

        Assert.Equal(
            Enumerable.Range(4, Limits.DigestPointsKept).Select(i => (long)i * Limits.DigestInterval),
            machine.DigestHistory.Select(m => m.Index)
        );
    }

    [Fact]
    public void Live_requests_come_by_namespace_in_byte_order_and_by_id()
    {
        replica.Apply(w =>
        {
            foreach (var (space, session) in new[] { ("z", 1), ("é", 2), ("a", 3), ("a", 4), ("ab", 5), ("z", 6) })
            {
                w.Add(Lock(session, "p" + session) with { Namespace = Replica.Utf8(space) });
            }
        });
        Assert.Equal(
            ["a1", "a2", "ab1", "z1", "z2", "é1"],
            replica.Machine.LiveRequests.Select(r => System.Text.Encoding.UTF8.GetString(r.Namespace.Span) + r.Id)
        );
    }

    [Fact]
    public void A_downgraded_request_is_the_same_object_and_what_was_read_of_it_before_stays_as_it_was()
    {
        replica.Apply(w => w.Add(new RaiseFeatureLevelCommand(2)));
        replica.Apply(w => w.Add(Lock(1, "a")));
        var held = replica.Machine.FindRequest(Space, 1)!;
        var before = held.Resources;
        replica.Apply(w => w.Add(new DowngradeCommand(Space, 1)));
        Assert.Same(held, replica.Machine.FindRequest(Space, 1));
        Assert.Equal(("write a", "read a"), (before.ToString(), held.Resources.ToString()));
        Assert.Equal(held.DigestPart, replica.Reborn(hashSeed: 8).Machine.FindRequest(Space, 1)!.DigestPart);

        replica.Apply(w => w.Add(new DowngradeCommand(Space, 1)));
        Assert.Equal((RejectReason.OnlyReads, held), (replica.Events[0].Reason, replica.Events[0].Request));
    }

    [Fact]
    public void A_timeout_that_crosses_the_grant_takes_nothing_away()
    {
        replica.Apply(w =>
        {
            w.Add(new RaiseFeatureLevelCommand(2));
            w.Add(Lock(1, "a"));
            w.Add(Lock(2, "a") with { WaitLimitMs = 1 });
            w.Add(new ReleaseCommand(Space, Replica.SessionOf(1), default));
            w.Add(new TimeoutCommand(Space, 2));
        });
        Assert.Equal(RejectReason.NotWaiting, replica.Events[replica.Events.Count - 1].Reason);
        Assert.True(replica.Machine.FindRequest(Space, 2)!.IsAcquired);
    }

    [Fact]
    public void A_level_that_no_member_had_agreed_to_is_not_made_up_by_a_command()
    {
        replica.Apply(w => w.Add(Lock(1, "a")));
        var (live, digest) = (Live(), replica.Machine.FindRequest(Space, 1)!.DigestPart);
        replica.Apply(w =>
        {
            w.Add(new TimeoutCommand(Space, 1));
            w.Add(new RevokeCommand(Space, 1, default));
            w.Add(new DowngradeCommand(Space, 1));
        });
        Assert.All(
            Enumerable.Range(0, 3),
            i =>
                Assert.Equal(
                    (EventKind.Rejected, RejectReason.AboveFeatureLevel),
                    (replica.Events[i].Kind, replica.Events[i].Reason)
                )
        );
        Assert.Equal(
            (live, digest, 1),
            (Live(), replica.Machine.FindRequest(Space, 1)!.DigestPart, replica.Machine.FeatureLevel)
        );
    }

    private static LockCommand Lock(int session, params string[] path) =>
        new(Space, Replica.SessionOf(session), default, Replica.SetOf([new(true, path)]), 60_000);

    private string Live() =>
        string.Join(", ", replica.Machine.LiveRequests.Select(r => $"{r.Id} {r.IsAcquired} {r.Resources}"));
}
