// What a journal consists of, byte for byte. A change here means that old journals can't be read any more: then it
// takes a new format version, and the old files stay. To write a new file on purpose, run with
// RAFTLOCKS_WRITE_GOLDEN=1.
using System.Reflection;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Tests.Model;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Ledger.Tests;

public class GoldenTests
{
    private static readonly byte[] Space = [.. "golden"u8];

    private static string Folder =>
        Path.Combine(
            typeof(GoldenTests)
                .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
                .Single(a => a.Key == "TestSource")
                .Value!,
            "Golden"
        );

    [Fact]
    public void The_frame_is_as_it_always_was()
    {
        ReadOnlySpan<byte> item = "an item"u8;
        var frame = new byte[Frame.MaxPartBytes + Frame.Overhead];
        AssertGolden("frame-v1.hex", frame[..Frame.Write(ItemKind.Record, isFirst: true, ref item, frame)]);
    }

    [Fact]
    public void The_record_item_is_as_it_always_was() => AssertGolden("record-item-v1.hex", Golden().Items[2].Bytes);

    [Fact]
    public void The_record_item_of_feature_level_2_is_as_it_always_was()
    {
        var run = Golden();
        run.Apply(
            w =>
            {
                w.Add(new RaiseFeatureLevelCommand(2));
                w.Add(
                    new LockCommand(
                        Space,
                        new SessionId(0x14, Resumable: false),
                        default,
                        Replica.SetOf([new(true, "w")]),
                        1
                    )
                );
                w.Add(
                    new LockCommand(
                        Space,
                        new SessionId(0x15, Resumable: false),
                        default,
                        Replica.SetOf([new(true, "w", "x")]),
                        1,
                        5
                    )
                );
                w.Add(new TimeoutCommand(Space, 5));
                w.Add(new DowngradeCommand(Space, 4));
                w.Add(new RevokeCommand(Space, 4, "why"u8.ToArray()));
            },
            timeMs: 3_000
        );
        AssertGolden("record-item-level-2-v1.hex", run.Items[^1].Bytes);
        Judge.AssertProven(run.Items);
    }

    [Fact]
    public void The_items_of_feature_level_3_are_as_they_always_were()
    {
        var run = LevelThree();
        AssertGolden("record-item-level-3-v1.hex", run.Items[^2].Bytes);
        AssertGolden("base-item-level-3-v1.hex", run.Items[^1].Bytes);
        Judge.AssertProven(run.Items);
    }

    [Fact]
    public void The_checkpoint_item_is_as_it_always_was() => AssertGolden("base-item-v1.hex", Golden().Items[3].Bytes);

    [Fact]
    public void An_old_record_item_still_says_what_it_said()
    {
        Assert.True(RecordItem.TryParse(Read("record-item-v1.hex"), out var item));
        Assert.Equal(2, item.Position);
        Assert.Null(LedgerReader.Open(item.Record, out var reader));
        Assert.Equal((2, 2_000, 3UL), (reader.Index, reader.ClockMs, reader.Left));
        var details = new DetailReader(item.Details);
        var told = new List<string>();
        while (reader.Left > 0)
        {
            Assert.Null(reader.Next(out var happened));
            Detail detail = default;
            Assert.True(happened.Begins || details.TryNext(out detail));
            Assert.True(LockBody.TryParse(happened.Begins ? happened.Body : detail.Body, out var body));
            told.Add(
                $"{happened.Kind} {Text(happened.Namespace)}#{happened.Id} {Text(body.Label)} "
                    + $"{(happened.Begins ? happened.Session : detail.Session).Value} {detail.EnqueuedAtMs} "
                    + $"{detail.AcquiredAtMs}"
            );
        }

        Assert.True(details.AtEnd);
        Assert.Equal(
            [
                "Released golden#1 first 17 1000 1000",
                "Acquired golden#2  18 1000 2000",
                "Acquired golden#3 third 19 0 0",
            ],
            told
        );
    }

    private static Run LevelThree()
    {
        var run = Golden();
        var root = "root"u8.ToArray();
        run.Apply(w =>
        {
            w.Add(new RaiseFeatureLevelCommand(3));
            w.Add(new InitialiseAuthCommand(new byte[32], KeepsAnonymous: false, root, new byte[32], 0));
            w.Add(Lock(0x21, root));
            w.Add(Lock(0x22, "jwt:Ω"u8.ToArray()));
        });
        run.Apply(
            w =>
            {
                w.Add(new RotateTokenCommand(root, new byte[32], 9, 0, root));
                w.Add(new ReleaseCommand(Space, new SessionId(0x21, Resumable: false), default, root));
            },
            timeMs: 4_000
        );
        run.Checkpoint(CheckpointReason.Continues);
        return run;
    }

    private static LockCommand Lock(ulong session, byte[] principal) =>
        new(
            Space,
            new SessionId(session, Resumable: false),
            default,
            Replica.SetOf([new(true, "w")]),
            1,
            Principal: principal
        );

    private static string Text(ReadOnlySpan<byte> utf8) => System.Text.Encoding.UTF8.GetString(utf8);

    private static Run Golden()
    {
        var run = new Run();
        run.Checkpoint(CheckpointReason.Beginning);
        run.Apply(w =>
        {
            w.Add(
                new LockCommand(
                    Space,
                    new SessionId(0x11, Resumable: false),
                    default,
                    Replica.SetOf([new(true, "a", "b")]),
                    60_000,
                    Label: "first"u8.ToArray()
                )
            );
            w.Add(
                new LockCommand(
                    Space,
                    new SessionId(0x12, Resumable: true),
                    "c"u8.ToArray(),
                    Replica.SetOf([new(false, "a")]),
                    0,
                    5_000,
                    Ref: "mark"u8.ToArray()
                )
            );
        });
        run.Apply(
            w =>
            {
                w.Add(new ReleaseCommand(Space, new SessionId(0x11, Resumable: false), default));
                w.Add(new ReleaseCommand(Space, new SessionId(0x11, Resumable: false), default));
                w.Add(
                    new LockCommand(
                        Space,
                        new SessionId(0x13, Resumable: false),
                        default,
                        Replica.SetOf([new(false)]),
                        1,
                        Label: "third"u8.ToArray()
                    )
                );
            },
            timeMs: 2_000
        );
        run.Checkpoint(CheckpointReason.Gap, "why");
        return run;
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
