using System.Buffers.Binary;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// A rollback that comes too late: the data says that a newer build is needed. The node says so and changes nothing, and
// the newer build (stood in for by this one, with the data as it was) finds everything.

public sealed class NewerDataTests(ITestOutputHelper output) : ClusterTest(output)
{
    private const int NewerData = 72;
    private const int LevelPosition = 28 + 32;
    private const int HeaderBytes = 28;

    [Fact]
    public async Task A_build_that_is_too_old_for_its_data_changes_nothing_and_says_which_level_it_needs()
    {
        var single = await StartAsync(1);
        var node = single.Nodes[0];
        var holder = await ClientAsync(single, "newer", 600_000);
        var held = await holder.LockAsync("kept");
        using (var http = new HttpClient { BaseAddress = node.Url })
        {
            Assert.NotEmpty(await http.GetByteArrayAsync(new Uri("/v1/admin/snapshot", UriKind.Relative)));
        }

        node.Terminate();
        await node.WaitForExitAsync(AnswerBound);
        var snapshot = Directory.GetFiles(Path.Combine(single.DataOf(node.Name), "snapshots"), "*.snapshot").Single();
        var good = await File.ReadAllBytesAsync(snapshot);
        var newer = good.ToArray();

        // Beyond every build: the cluster may have raised its level since the start, or not yet.
        const int level = 1_000;
        BinaryPrimitives.WriteInt32LittleEndian(newer.AsSpan(LevelPosition), level);
        BinaryPrimitives.WriteUInt32LittleEndian(newer.AsSpan(newer.Length - 4), Crc32C(newer.AsSpan(HeaderBytes..^4)));
        await File.WriteAllBytesAsync(snapshot, newer);

        node.Start();
        Assert.Equal(NewerData, await node.WaitForExitAsync(AnswerBound));
        Assert.Contains($"it needs feature level {level}", node.Log, StringComparison.Ordinal);
        Assert.Contains("Start the newer version on this data folder", node.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("remove it from the cluster", node.Log, StringComparison.Ordinal);
        Assert.Equal([snapshot], Directory.GetFiles(Path.GetDirectoryName(snapshot)!));
        Assert.Equal(newer, await File.ReadAllBytesAsync(snapshot));

        await File.WriteAllBytesAsync(snapshot, good);
        await single.StartAsync();
        var newcomer = await ClientAsync(single, "newer");
        var waits = await newcomer.LockAsync("kept");
        Assert.Equal((held.Id + 1, "enqueued"), (waits.Id, waits.State));
    }

    private static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
        {
            crc = System.Numerics.BitOperations.Crc32C(crc, one);
        }

        return ~crc;
    }
}
