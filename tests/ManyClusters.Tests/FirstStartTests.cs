// A first start that is interrupted by a power cut, wherever it was, is no loss: the next one succeeds. A folder that
// has lost its identity is refused as before.
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.ManyClusters.Disk;
using RaftLocks.ManyClusters.Network;
using RaftLocks.ManyClusters.World;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Raft.Files;
using RaftLocks.StateMachine.Queues;

namespace RaftLocks.ManyClusters;

/// <summary>The first start.</summary>
public sealed class FirstStartTests : IDisposable
{
    private const int MostCalls = 400;
    private readonly string unused = Directory.CreateTempSubdirectory("raftlocks-first-start-").FullName;

    [Fact]
    public async Task A_first_start_that_was_broken_off_anywhere_is_made_again()
    {
        var brokenOff = 0;
        for (var at = 0; at < MostCalls; at++)
        {
            var disk = new MemoryDisk(at);
            var succeeded = await TryStartAsync(disk, at);
            disk.LosePower();

            Assert.True(await TryStartAsync(disk, null), $"broken off at call {at}");
            if (succeeded)
            {
                break;
            }

            brokenOff++;
        }

        Assert.InRange(brokenOff, 10, MostCalls - 1);
    }

    [Fact]
    public async Task A_folder_that_has_lost_its_identity_is_refused()
    {
        var disk = new MemoryDisk(1);
        Assert.True(await TryStartAsync(disk, null));
        var files = new MemoryFileSystem(disk);
        foreach (var path in files.ListFiles(Folder, "node.json"))
        {
            files.Delete(path);
        }

        await Assert.ThrowsAsync<DamagedDataException>(() => TryStartAsync(disk, null));
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(unused, recursive: true);

    private string Folder => Options().DataDirectory;

    private RaftNodeOptions Options() => Pace.Options("n1", unused, [Machine.MemberOf(0)]);

    // False if the process was killed while it opened its data.
    private async Task<bool> TryStartAsync(MemoryDisk disk, int? endsAt)
    {
        var files = new MemoryFileSystem(disk) { EndsAt = endsAt };
        var options = Options() with { FileSystem = files, Network = new MemoryNetwork(1).Of(0) };
        try
        {
            await using var node = new RaftNode(
                options,
                new NobodyListens(),
                NullLoggerFactory.Instance,
                TimeProvider.System
            );
            return true;
        }
        catch (IOException) when (endsAt is not null)
        {
            return false;
        }
        finally
        {
            files.End();
        }
    }

    private sealed class NobodyListens : ILeadershipListener
    {
        public void OnGained(Leadership leadership, IReadOnlyList<LockRequest> live)
        {
            // It never leads.
        }

        public void OnLost(Leadership leadership)
        {
            // It never leads.
        }

        public void OnAcquired(LockRequest granted)
        {
            // It never leads.
        }
    }
}
