// The journal of any run is proven; and a run that breaks the rule, or a journal that is not what was written, is not.
using FsCheck.Xunit;
using RaftLocks.Ledger.Proof;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Tests.Model;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Ledger.Tests;

public class ProofTests
{
    [Property(Arbitrary = [typeof(Schedules)], MaxTest = 2_000)]
    public void The_journal_of_any_run_is_proven(Schedule schedule)
    {
        var run = Run.Of(schedule);

        var verdict = Judge.Verify(run.Items);

        Assert.True(verdict.Outcome == Outcome.Proven, verdict.Violation?.ToString());
        Assert.Equal(run.Machine.LedgerHead.Head, verdict.Last.Head);
        Assert.Equal(run.Machine.LiveCount, verdict.Live);
        Assert.Equal(run.Items.Count - 1, verdict.Records);
    }

    [Fact]
    public void An_event_tells_of_the_resources_as_they_were_then()
    {
        var run = new Run();
        run.Checkpoint(CheckpointReason.Beginning);
        run.Apply(w => w.Add(new RaiseFeatureLevelCommand(2)));
        run.Lock(1, "a");
        run.Lock(2, "a");
        run.Apply(w =>
        {
            w.Add(new AbandonCommand(Replica.Utf8("n"), 1));
            w.Add(new DowngradeCommand(Replica.Utf8("n"), 2));
            w.Add(new AbandonCommand(Replica.Utf8("n"), 2));
        });

        Assert.True(RecordItem.TryParse(run.Items[^1].Bytes, out var item));
        Assert.Null(RecordEvents.Open(item, out var events));
        var told = new List<string>();
        while (events.TryNext(out var happened))
        {
            Assert.True(LockBody.TryParse(happened.Body, out var body));
            var resources = body.Resources;
            Assert.True(resources.MoveNext());
            told.Add($"{happened.Kind} #{happened.Id} {resources.Current.Access}");
        }

        Assert.Equal(["Abandoned #1 Write", "Acquired #2 Write", "Downgraded #2 Read", "Abandoned #2 Read"], told);
        Judge.AssertProven(run.Items);
    }

    [Fact]
    public void What_only_writes_wait_for_must_be_granted_at_a_downgrade()
    {
        var run = new Run();
        run.Checkpoint(CheckpointReason.Beginning);
        run.Apply(w => w.Add(new RaiseFeatureLevelCommand(2)));
        run.Lock(1, "a");
        run.Apply(w =>
            w.Add(
                new LockCommand(
                    Replica.Utf8("n"),
                    Replica.SessionOf(2),
                    default,
                    Replica.SetOf([new(false, "a", "b")]),
                    0
                )
            )
        );
        run.Lock(3, "a", "c");
        run.Apply(w => w.Add(new DowngradeCommand(Replica.Utf8("n"), 1)));
        var records = Forgery.Read(run);
        Assert.Equal(Outcome.Proven, Judge.Verify(Forgery.Write(records)).Outcome);

        var grant = records[^1][1];
        records[^1].RemoveAt(1);
        Assert.Contains(
            "n#2 (read a/b",
            Judge.Verify(Forgery.Write(records)).Violation!.Text,
            StringComparison.Ordinal
        );

        records[^1].AddRange([grant, grant with { Id = 3 }]);
        Assert.Contains(
            "mutual exclusion is broken: n#3",
            Judge.Verify(Forgery.Write(records)).Violation!.Text,
            StringComparison.Ordinal
        );
    }

    [Property(Arbitrary = [typeof(Schedules)], MaxTest = 500)]
    public void Every_segment_is_proven_by_itself_and_all_together(Schedule schedule, int[] cuts)
    {
        var run = Run.Of(schedule, cuts);

        Judge.AssertProven(run.Items);
        foreach (var segment in run.Segments)
        {
            Judge.AssertProven(segment);
        }
    }

    [Property(Arbitrary = [typeof(Schedules)], MaxTest = 500)]
    public void What_follows_a_gap_is_proven_and_the_gap_is_told(Schedule schedule, int from, int length)
    {
        var run = Run.Of(
            schedule,
            gapFrom: 1 + ((from & 0xFFFF) % schedule.Batches.Length),
            gapLength: 1 + ((length & 0xFFFF) % 5)
        );

        var verdict = Judge.Verify(run.Items);

        Assert.True(verdict.Outcome == Outcome.ProvenWithGaps, verdict.Violation?.ToString());
        Assert.Equal("a test", Assert.Single(verdict.Gaps).Text);
        Assert.Equal(run.Machine.LedgerHead.Position, verdict.Last.Position);
    }

    [Property(Arbitrary = [typeof(Schedules)], MaxTest = 300)]
    public void A_record_that_is_missing_moved_or_twice_is_noticed(Schedule schedule, int which)
    {
        var items = Run.Of(schedule).Items.ToList();
        if (items.Count < 3)
        {
            return;
        }

        var at = 1 + ((which & 0xFFFF) % (items.Count - 2));

        AssertViolated([.. items[..at], .. items[(at + 1)..]]);
        AssertViolated([.. items[..at], items[at + 1], items[at], .. items[(at + 2)..]]);
        AssertViolated([.. items[..(at + 1)], items[at], .. items[(at + 1)..]]);
        AssertViolated(items[1..]);
    }

    [Property(Arbitrary = [typeof(Schedules)], MaxTest = 300)]
    public void A_flipped_bit_in_a_record_is_noticed(Schedule schedule, int which, int bit)
    {
        var items = Run.Of(schedule).Items.Select(item => (item.Kind, Bytes: (byte[])item.Bytes.Clone())).ToList();
        var bytes = items[1 + ((which & 0xFFFF) % (items.Count - 1))].Bytes;
        bytes[(bit & int.MaxValue) / 8 % bytes.Length] ^= (byte)(1 << (bit & 7));

        AssertViolated(items);
    }

    [Fact]
    public void A_segment_that_was_cut_or_taken_away_is_noticed()
    {
        var run = new Run();
        run.Checkpoint(CheckpointReason.Beginning);
        for (var i = 0; i < 9; i++)
        {
            run.Lock(i, "a");
            if (i % 3 == 2)
            {
                run.Checkpoint(CheckpointReason.Continues);
            }
        }

        var segments = run.Segments.ToList();
        Assert.Equal(4, segments.Count);
        Judge.AssertProven(segments.SelectMany(segment => segment));
        Judge.AssertProven(segments.Skip(1).SelectMany(segment => segment));

        AssertViolated([.. segments[0], .. segments[2], .. segments[3]]);
        AssertViolated([.. segments[0].SkipLast(1), .. segments[1]]);
        AssertViolated([.. segments[1], .. segments[0]]);
    }

    [Fact]
    public void An_end_that_was_cut_shows_against_a_head()
    {
        var run = new Run();
        run.Checkpoint(CheckpointReason.Beginning);
        var heads = new List<(long, LedgerHash)>();
        for (var i = 0; i < 5; i++)
        {
            run.Lock(i, $"{i}");
            heads.Add((run.Machine.AppliedIndex, run.Machine.LedgerHead.Head));
        }

        var whole = Judge.Verify(run.Items, [.. heads]);
        Assert.Equal(Outcome.Proven, whole.Outcome);
        Assert.All(whole.Heads, head => Assert.Equal(HeadAnswer.Same, head.Answer));

        var cut = Judge.Verify(run.Items.SkipLast(2), heads[^1]);
        Assert.Equal((Outcome.Violated, HeadAnswer.CutOff), (cut.Outcome, cut.Heads[0].Answer));
        Assert.Contains("its end is missing", cut.Violation!.Text, StringComparison.Ordinal);

        var other = Judge.Verify(run.Items, (2, heads[2].Item2));
        Assert.Equal((Outcome.Violated, HeadAnswer.Different), (other.Outcome, other.Heads[0].Answer));

        // Entries of Raft's own leave no record: the head stays.
        var later = Judge.Verify(run.Items, (run.Machine.AppliedIndex + 3, run.Machine.LedgerHead.Head));
        Assert.Equal((Outcome.Proven, HeadAnswer.Same), (later.Outcome, later.Heads[0].Answer));
    }

    [Fact]
    public void An_empty_journal_is_not_called_proven() => Assert.Equal(Outcome.Empty, Judge.Verify([]).Outcome);

    private static void AssertViolated(IEnumerable<(ItemKind Kind, byte[] Bytes)> items)
    {
        var verdict = Judge.Verify(items);
        Assert.Equal(Outcome.Violated, verdict.Outcome);
        Assert.NotEmpty(verdict.Violation!.Text);
    }
}
