// A journal with a chain that holds and events that need not be true: those of a run, changed. Written with an encoder
// of its own, so that the format is read the same way twice.
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Tests.Model;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Ledger.Tests;

/// <summary>An event as the forger has it. Of a raised feature level the id is the level.</summary>
internal sealed record Told(
    EventKind Kind,
    bool Begins,
    string Namespace,
    ulong Id,
    UInt128 Session,
    long WaitLimitMs,
    ModelResource[] Resources
);

internal static class Forgery
{
    /// <summary>The events of each record.</summary>
    public static List<List<Told>> Read(Run run)
    {
        var records = new List<List<Told>>();
        foreach (var (_, bytes) in run.Items.Where(item => item.Kind == ItemKind.Record))
        {
            Assert.True(RecordItem.TryParse(bytes, out var item));
            Assert.Null(LedgerReader.Open(item.Record, out var reader));
            var events = new List<Told>();
            while (reader.Left > 0)
            {
                Assert.Null(reader.Next(out var happened));
                var resources = new List<ModelResource>();
                if (LockBody.TryParse(happened.Body, out var body))
                {
                    resources = Resources(body);
                }

                var id = happened.HasRequest ? happened.Id : (ulong)happened.Level;
                events.Add(
                    new Told(
                        happened.Kind,
                        happened.Begins,
                        Encoding.UTF8.GetString(happened.Namespace),
                        id,
                        happened.Session.Value,
                        happened.WaitLimitMs,
                        [.. resources]
                    )
                );
            }

            records.Add(events);
        }

        return records;
    }

    /// <summary>Items that say this, from the beginning of the ledger on; all details are left out.</summary>
    public static IEnumerable<(ItemKind Kind, byte[] Bytes)> Write(List<List<Told>> records)
    {
        var start = new Run();
        start.Checkpoint(CheckpointReason.Beginning);
        yield return start.Items[0];
        var head = new byte[32];
        for (var i = 0; i < records.Count; i++)
        {
            var record = Record(i + 1, records[i]);
            head = SHA256.HashData([.. head, .. record]);
            var item = new MemoryStream();
            var writer = new BinaryWriter(item);
            writer.Write7BitEncodedInt64(i + 1);
            writer.Write(head);
            writer.Write7BitEncodedInt(record.Length);
            writer.Write(record);
            writer.Write(
                new byte[records[i].Count(told => told is { Begins: false, Kind: not EventKind.FeatureLevelRaised })]
            );
            yield return (ItemKind.Record, item.ToArray());
        }
    }

    private static byte[] Record(int index, List<Told> events)
    {
        var bytes = new MemoryStream();
        var writer = new BinaryWriter(bytes);
        Span<byte> session = stackalloc byte[16];
        writer.Write((byte)1);
        writer.Write((long)index);
        writer.Write(1_000L + index);
        writer.Write7BitEncodedInt(events.Count);
        foreach (var told in events)
        {
            writer.Write((byte)((byte)told.Kind | (told.Begins ? 0x80 : 0)));
            Block(writer, told.Namespace);
            writer.Write7BitEncodedInt64((long)told.Id);
            if (told.Kind == EventKind.Revoked && !told.Begins)
            {
                Block(writer, "why");
            }

            if (told.Begins)
            {
                BinaryPrimitives.WriteUInt128LittleEndian(session, told.Session);
                writer.Write(session);
                writer.Write((byte)0);
                writer.Write7BitEncodedInt64(0);
                writer.Write7BitEncodedInt64(told.WaitLimitMs + 1);
                writer.Write(new byte[3]);
                Resources(writer, told.Resources);
            }
        }

        return bytes.ToArray();
    }

    private static void Resources(BinaryWriter writer, ModelResource[] resources)
    {
        writer.Write7BitEncodedInt(resources.Length);
        foreach (var resource in resources)
        {
            writer.Write(resource.IsWrite ? (byte)2 : (byte)1);
            writer.Write7BitEncodedInt(resource.Path.Length);
            foreach (var segment in resource.Path)
            {
                Block(writer, segment);
            }
        }
    }

    private static void Block(BinaryWriter writer, string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        writer.Write7BitEncodedInt(utf8.Length);
        writer.Write(utf8);
    }

    private static List<ModelResource> Resources(in LockBody body)
    {
        var resources = new List<ModelResource>();
        var each = body.Resources;
        while (each.MoveNext())
        {
            var path = new List<string>();
            foreach (var segment in each.Current)
            {
                path.Add(Encoding.UTF8.GetString(segment));
            }

            resources.Add(new ModelResource(each.Current.Access == Access.Write, [.. path]));
        }

        return resources;
    }
}
