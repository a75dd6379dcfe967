// A folder of a test's own, gone afterwards; and items to fill segments with.
using RaftLocks.Ledger;

namespace RaftLocks.Journal.Tests;

internal sealed class Folder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("raftlocks-journal-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>Bytes that tell their place, so that a mix-up shows.</summary>
    public static byte[] Content(int number, int length)
    {
        var item = new byte[length];
        new Random(number).NextBytes(item);
        return item;
    }

    public static List<byte[]> ReadAll(SegmentReader reader)
    {
        var items = new List<byte[]>();
        while (reader.TryNext())
        {
            Assert.Equal(items.Count == 0 ? ItemKind.Checkpoint : ItemKind.Record, reader.Kind);
            items.Add(reader.Item.ToArray());
        }

        return items;
    }
}
