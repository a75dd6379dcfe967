// Damage is done, by seed, and never to what is spared.
using RaftLocks.Chaos.Faults;

namespace RaftLocks.Chaos.Tests;

public sealed class FolderDamageTests : IDisposable
{
    private static readonly string[] Files = ["node.json", "log/data", "journal/segment", "in-use"];

    private readonly string root = Directory.CreateTempSubdirectory("raftlocks-").FullName;

    [Fact]
    public void A_file_is_damaged_and_what_is_spared_is_not()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var folder = Fill(seed);
            var told = new FolderDamage(new Random(seed)).Inflict(folder);
            Assert.True(IsWhole(folder, "journal/segment") && IsWhole(folder, "in-use"), told);
            Assert.False(IsWhole(folder, "node.json") && IsWhole(folder, "log/data"), told);
        }
    }

    [Fact]
    public void The_same_seed_does_the_same_damage() =>
        Assert.Equal(
            new FolderDamage(new Random(5)).Inflict(Fill(1)),
            new FolderDamage(new Random(5)).Inflict(Fill(2))
        );

    public void Dispose() => Directory.Delete(root, recursive: true);

    private static bool IsWhole(string folder, string file) =>
        File.Exists(Path.Combine(folder, file))
        && File.ReadAllBytes(Path.Combine(folder, file)).SequenceEqual(Contents());

    private static byte[] Contents() => [.. Enumerable.Range(1, 100).Select(i => (byte)i)];

    private string Fill(int number)
    {
        var folder = Path.Combine(root, $"{number}");
        foreach (var file in Files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file))!);
            File.WriteAllBytes(Path.Combine(folder, file), Contents());
        }

        return folder;
    }
}
