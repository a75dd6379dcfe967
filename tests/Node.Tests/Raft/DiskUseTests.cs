// What a node keeps on disk while commands come without end: the log is cut off behind each snapshot.
using System.Text;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Tests.Raft;

public class DiskUseTests
{
    private const int SnapshotEveryBytes = 1 << 20;
    private const int ChunkBytes = 4 << 20;
    private const int EntryBytes = 32 << 10;
    private const int Entries = 1_500;

    [Fact]
    public async Task Disk_use_under_endless_load_stays_below_twice_the_snapshot_and_a_bound()
    {
        await using var fixture = LogFixture.New(SnapshotEveryBytes);
        var largest = 0L;
        for (var index = 1; index <= Entries; index++)
        {
            await fixture.ReceiveAsync(index, (LockAndRelease(index), 1));
            await fixture.State.CommitAsync(index);
            await fixture.State.WaitForApplyAsync(index);
            if (index % 100 == 0)
            {
                // The disk of this test may be slow; in a node apply waits for the snapshot only when the log is far
                // ahead of it.
                await fixture.Snapshots.FinishAsync();
                largest = Math.Max(largest, fixture.BytesOnDisk());
            }
        }

        // Nothing is live in the end, so a snapshot is small. Some 47 MiB went through the log; what is kept is counted
        // in whole chunks: those of the stretches that were written while a snapshot was due, was written, and was
        // waited for.
        Assert.Equal(0, fixture.Host.Read(machine => machine.LiveCount));
        Assert.InRange(largest, EntryBytes, 5 * ChunkBytes);
        Assert.True((long)Entries * EntryBytes > 2 * 5 * ChunkBytes);
    }

    private static byte[] LockAndRelease(int session)
    {
        var writer = new EntryWriter();
        writer.Begin((UInt128)session, 1000);
        var (ns, id) = (Encoding.UTF8.GetBytes("ns"), new SessionId((UInt128)session, Resumable: false));
        writer.Add(
            new LockCommand(
                ns,
                id,
                default,
                new ResourceSetBuilder().Begin(Access.Write).Segment(new string('x', EntryBytes)).Build(),
                1000
            )
        );
        writer.Add(new ReleaseCommand(ns, id, default));
        return writer.Complete().ToArray();
    }
}
