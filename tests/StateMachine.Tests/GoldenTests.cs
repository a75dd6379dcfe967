// The binary formats, byte for byte. A change here means that old logs and snapshots can't be read any more: then it
// takes a new format version, and the old files stay. To write a new file on purpose, run with
// RAFTLOCKS_WRITE_GOLDEN=1.
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Tests.Model;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Tests;

public partial class GoldenTests
{
    private static readonly byte[] Space = [.. "golden"u8];

    private static string Folder => Path.Combine(SourceTree.Tests, "Golden");

    [Fact]
    public void The_entry_is_as_it_always_was() => AssertGolden("entry-v1.hex", First());

    [Fact]
    public void The_entry_of_feature_level_2_is_as_it_always_was() => AssertGolden("entry-level-2-v1.hex", LevelTwo());

    [Fact]
    public void What_comes_of_an_entry_of_feature_level_2_is_as_it_always_was()
    {
        var replica = After();
        replica.Apply(Read("entry-level-2-v1.hex"));
        Assert.Equal(
            [
                "0 FeatureLevelRaised reply None #0",
                "1 Downgraded reply None golden#2",
                "2 Acquired reply None golden#6",
                "3 Enqueued reply None golden#7",
                "4 TimedOut reply None golden#7",
                "5 Revoked reply None golden#2",
                "6 Rejected reply NoSuchRequest #0",
            ],
            replica.Told()
        );
        AssertGolden("ledger-record-level-2-v1.hex", replica.Machine.LastRecord.ToArray());
        AssertGolden("snapshot-level-2-v1.hex", replica.Snapshot());
        AssertGolden("digest-level-2-v1.hex", Convert.FromHexString(replica.Machine.Digest.ToString("x32")));
    }

    [Fact]
    public void The_snapshot_is_as_it_always_was() => AssertGolden("snapshot-v1.hex", After().Snapshot());

    [Fact]
    public void The_ledger_record_is_as_it_always_was()
    {
        var replica = new Replica();
        replica.Apply(First());
        AssertGolden("ledger-record-v1.hex", replica.Machine.LastRecord.ToArray());
    }

    [Fact]
    public void The_digest_and_the_ledger_s_head_are_as_they_always_were()
    {
        var machine = After().Machine;
        AssertGolden("digest-v1.hex", Convert.FromHexString(machine.Digest.ToString("x32")));
        AssertGolden("ledger-head-v1.hex", Convert.FromHexString(machine.LedgerHead.ToString()));
    }

    [Fact]
    public void The_ledger_s_head_is_sha_256_over_the_head_before_and_the_record()
    {
        var replica = new Replica();
        var head = new byte[32];
        foreach (var entry in new[] { First(), Second() })
        {
            replica.Apply(entry);
            head = System.Security.Cryptography.SHA256.HashData([.. head, .. replica.Machine.LastRecord]);
            Assert.Equal(Convert.ToHexStringLower(head), replica.Machine.LedgerHead.ToString());
        }

        Assert.Equal(2, replica.Machine.LedgerHead.Position);
    }

    [Fact]
    public void An_old_entry_still_means_what_it_meant()
    {
        var replica = new Replica();
        replica.Apply(Read("entry-v1.hex"));
        Assert.Equal(
            [
                "0 Acquired reply None golden#1",
                "1 Enqueued reply None golden#2",
                "2 Acquired reply None golden#3",
                "3 Released reply None golden#1",
                "3 Acquired grant None golden#2",
                "4 Rejected reply NoSuchRequest #0",
                "5 Rejected reply LevelNotHigher #0",
            ],
            replica.Told()
        );
    }

    [Fact]
    public void An_old_snapshot_can_still_be_restored()
    {
        Assert.Null(LockStateMachine.Restore(Read("snapshot-v1.hex"), hashSeed: 9, out var machine));
        Assert.Equal(Read("snapshot-v1.hex"), Replica.Snapshot(machine!));
    }

    private static byte[] First() =>
        Replica.Entry(
            w =>
            {
                w.Add(
                    new LockCommand(
                        Space,
                        new SessionId(0x11, Resumable: false),
                        default,
                        Replica.SetOf([new(true, "a", "b"), new(false)]),
                        60_000
                    )
                );
                w.Add(
                    new LockCommand(
                        Space,
                        new SessionId(UInt128.MaxValue, Resumable: true),
                        "c1"u8.ToArray(),
                        Replica.SetOf([new(true, "a")]),
                        0,
                        5_000,
                        "label Ω"u8.ToArray(),
                        "mark"u8.ToArray()
                    )
                );
                w.Add(
                    new LockCommand(
                        Space,
                        new SessionId(0x33, Resumable: false),
                        default,
                        Replica.SetOf([new(false, "c")]),
                        1,
                        0
                    )
                );
                w.Add(new ReleaseCommand(Space, new SessionId(0x11, Resumable: false), default));
                w.Add(new AbandonCommand(Space, 300));
                w.Add(new RaiseFeatureLevelCommand(1));
            },
            timeMs: 1_700_000_000_123,
            batchId: 0xFEED_FACE_CAFE_BEEF
        );

    private static byte[] Second() =>
        Replica.Entry(
            w =>
            {
                w.Add(
                    new LockCommand(
                        "other"u8.ToArray(),
                        new SessionId(0x44, Resumable: false),
                        default,
                        Replica.SetOf([new(true)]),
                        10
                    )
                );
                w.Add(new AbandonCommand("other"u8.ToArray(), 1));
                w.Add(
                    new LockCommand(
                        Space,
                        new SessionId(0x55, Resumable: true),
                        default,
                        Replica.SetOf([new(true, "")]),
                        10
                    )
                );
                w.Add(
                    new LockCommand(
                        Space,
                        new SessionId(0x66, Resumable: true),
                        default,
                        Replica.SetOf([new(false, "", "x")]),
                        10
                    )
                );
            },
            timeMs: 1_700_000_000_999,
            batchId: 2
        );

    private static byte[] LevelTwo() =>
        Replica.Entry(
            w =>
            {
                w.Add(new RaiseFeatureLevelCommand(2));
                w.Add(new DowngradeCommand(Space, 2));
                w.Add(
                    new LockCommand(
                        Space,
                        new SessionId(0x77, Resumable: true),
                        default,
                        Replica.SetOf([new(false, "a", "z")]),
                        10,
                        5_000
                    )
                );
                w.Add(
                    new LockCommand(
                        Space,
                        new SessionId(0x88, Resumable: true),
                        default,
                        Replica.SetOf([new(true, "a", "y")]),
                        10,
                        5_000
                    )
                );
                w.Add(new TimeoutCommand(Space, 7));
                w.Add(new RevokeCommand(Space, 2, "stuck Ω"u8.ToArray()));
                w.Add(new RevokeCommand(Space, 2, default));
            },
            timeMs: 1_700_000_001_111,
            batchId: 3
        );

    private static Replica After()
    {
        var replica = new Replica();
        replica.Apply(First());
        replica.Apply(Second());
        return replica;
    }

    private static byte[] Read(string file) =>
        Convert.FromHexString(File.ReadAllText(Path.Combine(Folder, file)).Replace("\n", "", StringComparison.Ordinal));

    private static void AssertGolden(string file, byte[] bytes)
    {
        if (Environment.GetEnvironmentVariable("RAFTLOCKS_WRITE_GOLDEN") == "1")
        {
            var lines = Convert.ToHexStringLower(bytes).Chunk(64).Select(line => new string(line) + "\n");
            File.WriteAllText(Path.Combine(Folder, file), string.Concat(lines));
        }

        Assert.Equal(Convert.ToHexStringLower(Read(file)), Convert.ToHexStringLower(bytes));
    }
}
