// Journals and snapshots from somebody who knows the format: checksums and chain are right, the contents make no sense.
// They are checked in words, never by an exception, and lengths in them are not believed.
using System.Buffers.Binary;
using System.Security.Cryptography;
using RaftLocks.StateMachine.Primitives;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Tests.Model;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Ledger.Tests;

public class HostileBytesTests
{
    private const int Tries = 4_000;
    private const long MaxBytesOfOne = 16 << 20;

    [Fact]
    public void A_forged_journal_is_judged()
    {
        var random = new Random(20);
        var run = Example();
        for (var i = 0; i < Tries; i++)
        {
            var items = run.Items.ToList();
            var at = random.Next(items.Count);
            items[at] = (
                items[at].Kind,
                items[at].Kind == ItemKind.Checkpoint
                    ? OtherCheckpoint(items[at].Bytes, random)
                    : OtherRecord(items, at, random)
            );

            var before = GC.GetAllocatedBytesForCurrentThread();
            var failure = Record.Exception(() => Judge.Verify(items));

            Assert.True(failure is null, $"try {i}, item {at}: {failure}");
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxBytesOfOne);
        }
    }

    [Fact]
    public void A_forged_snapshot_is_refused_or_makes_a_state_that_can_be_used()
    {
        var random = new Random(21);
        var whole = SnapshotOf(Example());
        for (var i = 0; i < Tries; i++)
        {
            var forged = Changed(whole, random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var restorer = new StateRestorer(hashSeed: 0);

            var failure = Record.Exception(() =>
            {
                if (restorer.Append(forged) is null && restorer.Complete(out var machine) is null)
                {
                    machine!.Freeze().WriteTo(new System.Buffers.ArrayBufferWriter<byte>());
                }
            });

            Assert.True(failure is null, $"try {i}: {failure}");
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxBytesOfOne);
        }
    }

    private static Run Example()
    {
        var run = new Run();
        run.Checkpoint(CheckpointReason.Beginning);
        for (var i = 0; i < 8; i++)
        {
            run.Lock(i, "orders", $"{i % 3}");
        }

        run.Checkpoint(CheckpointReason.Continues);
        for (var id = 1UL; id <= 3; id++)
        {
            run.Apply(entry => entry.Add(new RevokeCommand(Replica.Utf8("n"), id, Replica.Utf8("why"))));
        }

        run.Checkpoint(CheckpointReason.Gap, "a test");
        run.Lock(9, "orders");
        return run;
    }

    private static byte[] SnapshotOf(Run run)
    {
        var snapshot = new System.Buffers.ArrayBufferWriter<byte>();
        run.Machine.Freeze().WriteTo(snapshot);
        return snapshot.WrittenSpan.ToArray();
    }

    private static byte[] OtherCheckpoint(byte[] item, Random random)
    {
        Assert.True(CheckpointItem.TryParse(item, out _, out var snapshot));
        var start = item.Length - snapshot.Length;
        var end = item.Length - Crc32C.Size;
        var changed = Changed(random.Next(4) == 0 ? item[..end] : item[start..end], random);
        var whole = (byte[])[.. random.Next(4) == 0 ? [] : item[..start], .. changed, .. new byte[Crc32C.Size]];
        var sealing = whole.Length - Crc32C.Size;
        BinaryPrimitives.WriteUInt32LittleEndian(
            whole.AsSpan(sealing),
            Crc32C.Of(whole.AsSpan(Math.Min(start, sealing), Math.Max(0, sealing - start)))
        );
        return whole;
    }

    private static byte[] OtherRecord(List<(ItemKind Kind, byte[] Bytes)> items, int at, Random random)
    {
        Assert.True(RecordItem.TryParse(items[at].Bytes, out var item));
        var head = new byte[LedgerHash.Size];
        if (items[at - 1].Kind == ItemKind.Record && RecordItem.TryParse(items[at - 1].Bytes, out var previous))
        {
            previous.Head.CopyTo(head);
        }
        else if (CheckpointItem.TryParse(items[at - 1].Bytes, out var start, out _))
        {
            start.Before.Head.CopyTo(head);
        }

        var record = random.Next(3) == 0 ? item.Record.ToArray() : Changed(item.Record.ToArray(), random);
        var details = random.Next(3) == 0 ? Changed(item.Details.ToArray(), random) : item.Details.ToArray();
        var bytes = new MemoryStream();
        var writer = new BinaryWriter(bytes);
        writer.Write7BitEncodedInt64(item.Position);
        writer.Write(SHA256.HashData([.. head, .. record]));
        writer.Write7BitEncodedInt(record.Length);
        writer.Write(record);
        writer.Write(details);
        return bytes.ToArray();
    }

    // Great numbers where lengths and counts stand are what a reader trips over.
    private static byte[] Changed(byte[] bytes, Random random)
    {
        var changed = (byte[])bytes.Clone();
        for (var i = random.Next(3); i >= 0 && changed.Length > 0; i--)
        {
            var at = random.Next(changed.Length);
            switch (random.Next(5))
            {
                case 0:
                    changed[at] = (byte)random.Next(256);
                    break;
                case 1:
                    changed.AsSpan(at, Math.Min(random.Next(1, 10), changed.Length - at)).Fill(0xFF);
                    break;
                case 2:
                    changed = changed[..at];
                    break;
                case 3:
                    changed =
                    [
                        .. changed[..at],
                        .. new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F },
                        .. changed[at..],
                    ];
                    break;
                default:
                    changed = [.. changed[..at], .. changed[random.Next(changed.Length)..]];
                    break;
            }
        }

        return changed;
    }
}
