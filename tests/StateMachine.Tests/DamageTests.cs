// Damaged bytes: an error, never an exception, and never a change. Also with a checksum that is right, as after a bug
// in a writer.
using System.Buffers.Binary;
using FsCheck.Xunit;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Primitives;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Tests.Model;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Tests;

public class DamageTests
{
    [Fact]
    public void Each_flipped_bit_and_each_cut_of_an_entry_is_refused_and_changes_nothing()
    {
        var (replica, entry) = Busy();
        var before = replica.Snapshot();
        for (var at = 0; at < entry.Length; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var damaged = Flip(entry, at, bit);
                Assert.NotEqual(ApplyOutcome.Applied, replica.Machine.Apply(damaged, 99, 9, replica.Events));
                Assert.Equal(0, replica.Events.Count);
            }

            Assert.NotEqual(ApplyOutcome.Applied, replica.Machine.Apply(entry.AsSpan(0, at), 99, 9, replica.Events));
        }

        Assert.NotEqual(ApplyOutcome.Applied, replica.Machine.Apply([.. entry, 0], 99, 9, replica.Events));
        Assert.Equal(before, replica.Snapshot());
        replica.Apply(entry);
    }

    [Fact]
    public void Damage_beneath_a_right_checksum_throws_nothing_and_changes_all_or_nothing()
    {
        var (replica, entry) = Busy();
        for (var at = 0; at < entry.Length - 4; at++)
        {
            foreach (
                var value in new byte[] { 0, 1, 0x7F, 0x80, 0xFF, (byte)(entry[at] + 1), (byte)(entry[at] ^ 0x40) }
            )
            {
                var damaged = (byte[])entry.Clone();
                damaged[at] = value;
                Seal(damaged);
                var machine = replica.Reborn(hashSeed: 5);
                var before = machine.Snapshot();
                if (machine.Machine.Apply(damaged, 99, 9, machine.Events) != ApplyOutcome.Applied)
                {
                    Assert.Equal(before, machine.Snapshot());
                }
                else
                {
                    machine.Reborn(hashSeed: 6);
                }
            }
        }
    }

    [Property(MaxTest = 2_000)]
    public void Noise_beneath_a_sound_frame_throws_nothing(byte[] noise, byte count)
    {
        var machine = new Replica();
        var entry = new byte[30 + noise.Length + 4];
        Replica.Entry(_ => { }).AsSpan(0, 30).CopyTo(entry);
        entry[26] = count;
        noise.CopyTo(entry, 30);
        Seal(entry);
        machine.Machine.Apply(entry, 1, 1, machine.Events);
        machine.Machine.Apply(noise, 1, 1, machine.Events);
        Assert.NotNull(LockStateMachine.Restore(noise, 0, out var restored));
        Assert.Null(restored);
    }

    [Fact]
    public void What_a_newer_build_wrote_is_told_from_damage()
    {
        var (replica, entry) = Busy();
        var newer = (byte[])entry.Clone();
        newer[1] = 2;
        Seal(newer);
        Assert.Equal(ApplyOutcome.UnknownVersion, replica.Machine.Apply(newer, 99, 9, replica.Events));

        var kind = Replica.Entry(w => w.Add(new AbandonCommand("n"u8.ToArray(), 1)));
        kind[30] = 200;
        Seal(kind);
        Assert.Equal(ApplyOutcome.UnknownKind, replica.Machine.Apply(kind, 99, 9, replica.Events));

        var level = Replica.Entry(w => w.Add(new RaiseFeatureLevelCommand(Versions.SupportedFeatureLevel + 1)));
        Assert.Equal(ApplyOutcome.AboveFeatureLevel, replica.Machine.Apply(level, 99, 9, replica.Events));
        Assert.Equal(ApplyOutcome.Damaged, replica.Machine.Apply([], 99, 9, replica.Events));
    }

    [Fact]
    public void Each_flipped_bit_and_each_cut_of_a_snapshot_is_refused()
    {
        var snapshot = Busy().Replica.Snapshot();
        for (var at = 0; at < snapshot.Length; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                Assert.NotNull(LockStateMachine.Restore(Flip(snapshot, at, bit), 0, out var flipped));
                Assert.Null(flipped);
            }

            Assert.NotNull(LockStateMachine.Restore(snapshot.AsSpan(0, at), 0, out var cut));
            Assert.Null(cut);
        }
    }

    [Fact]
    public void Damage_beneath_a_snapshots_right_checksum_is_noticed_by_its_digest()
    {
        var unnoticed = new List<string>();
        var snapshot = Busy().Replica.Snapshot();
        for (var at = 0; at < snapshot.Length - 4; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var damaged = Flip(snapshot, at, bit);
                Seal(damaged);
                if (LockStateMachine.Restore(damaged, 0, out _) is null)
                {
                    unnoticed.Add($"byte {at} bit {bit}");
                }
            }
        }

        Assert.Empty(unnoticed);
    }

    /// <summary>A machine with holders and waiters, and an entry with each kind of command for it.</summary>
    private static (Replica Replica, byte[] Entry) Busy()
    {
        var replica = new Replica();
        byte[] space = [.. "busy"u8];
        var some = Replica.SetOf([new(true, "a", "b"), new(false, "c")]);
        replica.Apply(w =>
        {
            for (var i = 0; i < 4; i++)
            {
                w.Add(
                    new LockCommand(
                        i == 3 ? "x"u8.ToArray() : space,
                        Replica.SessionOf(i),
                        "ch"u8.ToArray(),
                        some,
                        60_000,
                        5_000,
                        "me"u8.ToArray(),
                        "mark"u8.ToArray()
                    )
                );
            }
        });
        var entry = Replica.Entry(
            w =>
            {
                w.Add(new ReleaseCommand(space, Replica.SessionOf(0), "ch"u8.ToArray()));
                w.Add(new LockCommand(space, Replica.SessionOf(0), default, some, 60_000, 0, "me"u8.ToArray()));
                w.Add(new AbandonCommand(space, 2));
                w.Add(new RaiseFeatureLevelCommand(2));
                w.Add(new LockCommand(space, Replica.SessionOf(5), default, some, 60_000, 5_000, "me"u8.ToArray()));
                w.Add(new DowngradeCommand(space, 3));
                w.Add(new TimeoutCommand(space, 4));
                w.Add(new RevokeCommand(space, 3, "why"u8.ToArray()));
            },
            timeMs: 2_000
        );
        return (replica, entry);
    }

    private static byte[] Flip(byte[] bytes, int at, int bit)
    {
        var flipped = (byte[])bytes.Clone();
        flipped[at] ^= (byte)(1 << bit);
        return flipped;
    }

    private static void Seal(byte[] bytes) =>
        BinaryPrimitives.WriteUInt32LittleEndian(
            bytes.AsSpan(bytes.Length - 4),
            Crc32C.Of(bytes.AsSpan(0, bytes.Length - 4))
        );
}
