// When term and vote go to the disk: as seldom as Raft allows, as elections wait for it.
using DotNext.Net.Cluster;
using DotNext.Net.Cluster.Consensus.Raft;
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Node.Raft.Files;
using RaftLocks.Node.Raft.Storage;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Tests.Raft;

public sealed class HardStateFileTests : IDisposable
{
    private static readonly ClusterMemberId Candidate = new([.. Enumerable.Range(1, 28).Select(i => (byte)i)]);
    private readonly string folder = Directory.CreateTempSubdirectory("raftlocks-").FullName;

    private string VotePath => Path.Combine(folder, "vote");

    [Fact]
    public void A_vote_in_a_term_that_was_only_heard_of_is_one_write_to_the_disk()
    {
        var (files, changes) = CountingFiles.Make();
        var hardState = HardStateFile.Open(files, VotePath, expected: false);
        hardState.Write(1, null);
        var before = changes().Count;

        hardState.Enter(7, forget: true);
        hardState.Write(7, Candidate);

        Assert.Equal([nameof(IFileSystem.OpenWriteThrough)], changes().Skip(before));
        var read = HardStateFile.Open(OsFileSystem.Instance, VotePath, expected: true);
        Assert.Equal(7, read.Term);
        Assert.True(read.MayVoteFor(Candidate));
        Assert.False(read.MayVoteFor(new ClusterMemberId(new byte[28])));
    }

    [Fact]
    public void A_term_that_was_only_heard_of_may_be_forgotten_with_the_memory_and_the_earlier_vote_is_not()
    {
        var hardState = HardStateFile.Open(OsFileSystem.Instance, VotePath, expected: false);
        hardState.Write(3, Candidate);

        hardState.Enter(4, forget: true);

        Assert.Equal(4, hardState.Term);
        Assert.True(hardState.MayVoteFor(new ClusterMemberId(new byte[28])));
        var read = HardStateFile.Open(OsFileSystem.Instance, VotePath, expected: true);
        Assert.Equal(3, read.Term);
        Assert.False(read.MayVoteFor(new ClusterMemberId(new byte[28])));
    }

    [Fact]
    public void What_is_on_the_disk_already_is_not_written_again()
    {
        var (files, changes) = CountingFiles.Make();
        var hardState = HardStateFile.Open(files, VotePath, expected: false);
        hardState.Write(3, Candidate);
        var before = changes().Count;

        hardState.Flush();

        Assert.Equal(before, changes().Count);
    }

    [Fact]
    public async Task Even_an_empty_exchange_of_a_new_leader_is_acknowledged_only_when_its_term_is_on_the_disk()
    {
        await using var fixture = LogFixture.New();
        await fixture.ReceiveAsync(1, (LogFixture.LockEntry(1), 1));
        await fixture.State.UpdateTermAsync(5, resetLastVote: true);

        await fixture.ReceiveEntriesAsync(2);

        Assert.Equal(5, fixture.ReadHardStateFile().Term);
    }

    [Fact]
    public async Task A_snapshot_is_acknowledged_only_when_its_leaders_term_is_on_the_disk()
    {
        await using var fixture = LogFixture.New();
        await fixture.State.UpdateTermAsync(6, resetLastVote: true);

        await fixture.State.AppendAsync(SnapshotAfterOneLock(), 1);

        Assert.Equal(1, fixture.Log.LastAppliedIndex);
        Assert.Equal(6, fixture.ReadHardStateFile().Term);
    }

    [Fact]
    public async Task A_node_that_stands_for_election_has_its_own_vote_on_the_disk_first()
    {
        await using var fixture = LogFixture.New();
        await fixture.State.UpdateTermAsync(8, resetLastVote: true);

        Assert.Equal(9, await fixture.State.IncrementTermAsync(Candidate));

        Assert.Equal(9, fixture.ReadHardStateFile().Term);
        Assert.True(fixture.ReadHardStateFile().MayVoteFor(Candidate));
        Assert.False(fixture.ReadHardStateFile().MayVoteFor(new ClusterMemberId(new byte[28])));
    }

    private SnapshotFile SnapshotAfterOneLock()
    {
        var machine = new LockStateMachine();
        machine.Apply(LogFixture.LockEntry(1), 1, 1, new EventList());
        return new SnapshotStore(OsFileSystem.Instance, folder, NullLogger.Instance).Save(machine.Freeze());
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
