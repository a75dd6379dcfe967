// Every file of a stopped node, damaged in many places: the node either refuses and says what to do, or comes back with
// all that it had.
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.Node.Tests.Raft;

[Trait("Category", "Slow")]
public sealed class DamageMatrixTests : IAsyncLifetime
{
    private const int PlacesInFile = 40;
    private const int Seed = 7;

    private readonly string root = Directory.CreateTempSubdirectory("raftlocks-").FullName;
    private Vouched before = null!;

    private string Whole => Path.Combine(root, "whole");

    public async Task InitializeAsync()
    {
        await using var node = await OpenAsync(Whole);
        for (var i = 0; i < 200; i++)
        {
            await InProcessCluster.LockAsync(await LeaderAsync(node), 1 + (i * 3), 3);
        }

        before = await VouchAsync(node);
        await InProcessCluster.UntilAsync(
            () => Directory.GetFiles(Path.Combine(Whole, "log"), "*.log").Length <= 3,
            "the log was not compacted"
        );
    }

    public Task DisposeAsync()
    {
        Directory.Delete(root, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_flipped_bit_anywhere_is_refused_or_changes_nothing()
    {
        var refused = 0;
        var random = new Random(Seed);
        foreach (var file in Files())
        {
            var used = UsedBytes(file);
            for (var i = 0; i < Math.Min(PlacesInFile, used); i++)
            {
                var place = used <= PlacesInFile ? i : random.Next(used);
                var bit = random.Next(8);
                refused += await TryAsync(
                    file,
                    bytes => bytes[place] ^= (byte)(1 << bit),
                    $"bit {bit} of byte {place} of {file} flipped"
                )
                    ? 1
                    : 0;
            }
        }

        Assert.True(refused > 20, $"only {refused} refused");
    }

    [Fact]
    public async Task A_file_cut_off_anywhere_is_refused_or_changes_nothing()
    {
        var refused = 0;
        foreach (var file in Files())
        {
            var used = UsedBytes(file);
            foreach (
                var length in new[] { 0, 1, used / 2, used - 1 }
                    .Where(length => length >= 0 && length < used)
                    .Distinct()
            )
            {
                refused += await TryAsync(file, cutTo: length, damage: $"{file} cut off at {length} of {used} bytes")
                    ? 1
                    : 0;
            }
        }

        Assert.True(refused > 5, $"only {refused} refused");
    }

    [Fact]
    public async Task A_missing_file_is_refused_or_changes_nothing()
    {
        var refused = 0;
        foreach (var file in Files())
        {
            refused += await TryAsync(file, cutTo: -1, damage: $"{file} missing") ? 1 : 0;
        }

        Assert.True(refused >= 5, $"only {refused} refused");
    }

    [Fact]
    public async Task A_vote_with_a_flipped_bit_is_refused_or_forgets_no_term()
    {
        await using var cluster = new InProcessCluster();
        await cluster.StartAllAsync();
        var leader = await cluster.LeaderAsync();
        var options = cluster.OptionsOf(int.Parse(leader.Status.Name[1..], CultureInfo.InvariantCulture) - 1);
        var term = leader.Status.Term;
        await cluster.StopAsync(leader);
        var path = Path.Combine(options.DataDirectory, "vote");
        var whole = File.ReadAllBytes(path);
        var refused = 0;
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var damaged = whole.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(path, damaged);
            try
            {
                await using var node = new RaftNode(
                    options,
                    new InProcessCluster.NobodyListens(),
                    NullLoggerFactory.Instance,
                    TimeProvider.System
                );
                Assert.True(node.Status.Term > term, $"bit {bit} flipped: term {node.Status.Term}, was {term}");
            }
            catch (DamagedDataException)
            {
                refused++;
            }
        }

        Assert.True(refused > whole.Length * 4, $"only {refused} of {whole.Length * 8} refused");
    }

    private static async Task<RaftNode> OpenAsync(string folder)
    {
        var options = new RaftNodeOptions
        {
            Name = "n1",
            DataDirectory = folder,
            Members = LogFixture.Three(0)[..1],
            SnapshotEveryBytes = 8 * 1024,
            KeptLogBytes = 0,
            LogSegmentBytes = 4 * 1024,
        };
        var node = new RaftNode(
            options,
            new InProcessCluster.NobodyListens(),
            NullLoggerFactory.Instance,
            TimeProvider.System
        );
        try
        {
            await node.StartAsync(CancellationToken.None);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    private static async Task<RaftNode> LeaderAsync(RaftNode node)
    {
        await InProcessCluster.UntilAsync(() => node.Current is not null, "no leader");
        return node;
    }

    private static async Task<Vouched> VouchAsync(RaftNode node)
    {
        await LeaderAsync(node);
        return node.Read(machine => new Vouched(
            string.Join(' ', machine.LiveRequests.Select(request => $"{request.Id}:{request.Session}")),
            node.Status.Term
        ));
    }

    private IEnumerable<string> Files() =>
        Directory
            .EnumerateFiles(Whole, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Whole, path))
            .Where(path => path != "in-use")
            .Order(StringComparer.Ordinal);

    /// <summary>
    /// Up to the last byte that is not zero: what lies behind in preallocated files was never written.
    /// </summary>
    private int UsedBytes(string file) =>
        File.ReadAllBytes(Path.Combine(Whole, file)).AsSpan().LastIndexOfAnyExcept((byte)0) + 1;

    private Task<bool> TryAsync(string file, Action<byte[]> change, string damage) =>
        TryAsync(
            path =>
            {
                var bytes = File.ReadAllBytes(Path.Combine(path, file));
                change(bytes);
                File.WriteAllBytes(Path.Combine(path, file), bytes);
            },
            damage
        );

    private Task<bool> TryAsync(string file, int cutTo, string damage) =>
        TryAsync(
            path =>
            {
                if (cutTo < 0)
                {
                    File.Delete(Path.Combine(path, file));
                    return;
                }

                using var stream = new FileStream(Path.Combine(path, file), FileMode.Open);
                stream.SetLength(cutTo);
            },
            damage
        );

    /// <summary>Damages a copy of the folder and starts a node on it. Whether it was refused.</summary>
    private async Task<bool> TryAsync(Action<string> harm, string damage)
    {
        var copy = Path.Combine(root, "copy");
        foreach (var path in Directory.EnumerateFiles(Whole, "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(copy, Path.GetRelativePath(Whole, path));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(path, to);
        }

        harm(copy);
        try
        {
            await using var node = await OpenAsync(copy);
            var after = await VouchAsync(node);
            Assert.True(before.Live == after.Live && after.Term >= before.Term, $"{damage}: {before} became {after}");
            return false;
        }
        catch (Exception e) when (e is DamagedDataException)
        {
            return true;
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{damage}: {e}");
            throw;
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    private sealed record Vouched(string Live, long Term);
}
