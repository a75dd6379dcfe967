// Replicas: the same log gives the same bytes, and a snapshot at any point has the same future.
using FsCheck.Xunit;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Tests.Model;

namespace RaftLocks.StateMachine.Tests;

public class ReplicaTests
{
    [Property(Arbitrary = [typeof(Schedules)], MaxTest = 300)]
    public void Two_machines_with_different_hash_seeds_are_byte_identical(Schedule schedule)
    {
        var (one, other, encoder) = (
            new Replica(hashSeed: 1),
            new Replica(hashSeed: 0xDEAD_BEEF),
            new ScheduleEncoder()
        );
        var timeMs = 0L;
        foreach (var batch in schedule.Batches)
        {
            var (entry, _) = encoder.Next(batch, ++timeMs);
            one.Apply(entry);
            other.Apply(entry);
            AssertTwins(one, other);
        }
    }

    [Property(Arbitrary = [typeof(Schedules)], MaxTest = 300)]
    public void Restored_at_any_point_it_has_the_same_future(Schedule schedule, byte cut)
    {
        var (straight, encoder) = (new Replica(), new ScheduleEncoder());
        Replica? restored = null;
        var timeMs = 0L;
        for (var i = 0; i < schedule.Batches.Length; i++)
        {
            if (i == cut % schedule.Batches.Length)
            {
                restored = straight.Reborn(hashSeed: 77);
                AssertTwins(straight, restored, compareEvents: false);
            }

            var (entry, _) = encoder.Next(schedule.Batches[i], ++timeMs);
            straight.Apply(entry);
            if (restored is not null)
            {
                restored.Apply(entry);
                AssertTwins(straight, restored);
            }
        }
    }

    [Property(Arbitrary = [typeof(Schedules)], MaxTest = 200)]
    public void A_frozen_state_stands_still_while_apply_goes_on(Schedule schedule)
    {
        var (replica, encoder) = (new Replica(), new ScheduleEncoder());
        FrozenState? frozen = null;
        byte[] atOnce = [];
        for (var i = 0; i < schedule.Batches.Length; i++)
        {
            if (i == schedule.Batches.Length / 2)
            {
                frozen = replica.Machine.Freeze();
                atOnce = replica.Snapshot();
            }

            replica.Apply(encoder.Next(schedule.Batches[i], i).Entry);
        }

        var later = new System.Buffers.ArrayBufferWriter<byte>();
        frozen!.WriteTo(later);
        Assert.Equal(atOnce, later.WrittenSpan.ToArray());
    }

    private static void AssertTwins(Replica one, Replica other, bool compareEvents = true)
    {
        if (compareEvents)
        {
            Assert.Equal(one.Told(), other.Told());
        }

        Assert.Equal(one.Machine.Digest, other.Machine.Digest);
        Assert.Equal(one.Machine.LedgerHead, other.Machine.LedgerHead);
        Assert.Equal(one.Snapshot(), other.Snapshot());
    }
}
