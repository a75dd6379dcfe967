// What ended a node is told apart precisely: its exit code says whether a restart helps.
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Raft.Files;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Tests.Raft;

public class FatalErrorTests
{
    private const int TooManyFiles = 24,
        TooManyFilesOfAll = 23,
        OutOfMemory = 12,
        NoSpace = 28,
        InputOutput = 5;

    [Theory]
    [InlineData(TooManyFiles, FatalErrorKind.Resources)]
    [InlineData(TooManyFilesOfAll, FatalErrorKind.Resources)]
    [InlineData(OutOfMemory, FatalErrorKind.Resources)]
    [InlineData(NoSpace, FatalErrorKind.Disk)]
    [InlineData(InputOutput, FatalErrorKind.Disk)]
    public void An_error_number_tells_want_of_resources_from_a_failing_disk(int number, FatalErrorKind kind)
    {
        var failed = new IOException("it failed", number);
        Assert.Equal(kind, FatalError.Of("The log could not be written", failed).Kind);
        Assert.Equal(kind, FatalError.Of("The log could not be written", new DiskException("It failed", failed)).Kind);
    }

    [Fact]
    public void Want_of_memory_or_threads_or_sockets_is_no_damage()
    {
        Assert.Equal(FatalErrorKind.Resources, FatalError.Of("", new InsufficientMemoryException()).Kind);
        var hidden = new InvalidOperationException("", new InsufficientMemoryException());
        Assert.Equal(FatalErrorKind.Resources, FatalError.Of("", hidden).Kind);
        Assert.Equal(
            FatalErrorKind.Resources,
            FatalError.Of("", new SocketException((int)SocketError.TooManyOpenSockets)).Kind
        );
    }

    [Fact]
    public void What_nobody_expected_is_a_defect_and_no_damage()
    {
        var fatalError = FatalError.Of("The log could not be opened", new FormatException());
        Assert.Equal((FatalErrorKind.Data, "The log could not be opened"), (fatalError.Kind, fatalError.Reason));
    }

    [Fact]
    public void A_process_without_free_descriptors_is_told_what_to_raise() =>
        Assert.Contains(
            "LimitNOFILE",
            FatalError.Of("It failed", new IOException("", TooManyFiles)).Reason,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData(TooManyFiles, typeof(OutOfResourcesException))]
    [InlineData(InputOutput, typeof(DiskException))]
    public void An_error_while_the_data_is_opened_is_told_by_its_number(int number, Type told) =>
        AssertOpeningFails(new IOException("it failed", number), told);

    [Fact]
    public void Want_of_memory_while_the_data_is_opened_is_no_damage()
    {
        var error = AssertOpeningFails(new InsufficientMemoryException(), typeof(InsufficientMemoryException));
        Assert.True(OutOfResourcesException.IsIn(error));
    }

    [Fact]
    public void A_defect_while_the_data_is_opened_keeps_its_stack_and_is_no_damage()
    {
        var error = AssertOpeningFails(new FormatException(), typeof(FormatException));
        Assert.Contains(nameof(DataFolder), error.StackTrace, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TooManyFiles, FatalErrorKind.Resources)]
    [InlineData(NoSpace, FatalErrorKind.Disk)]
    public async Task A_running_node_that_can_open_no_more_files_has_no_failing_disk(int number, FatalErrorKind kind)
    {
        var (files, fail) = FailingFiles.Make(nameof(IFileSystem.Create));
        var folder = Directory.CreateTempSubdirectory("raftlocks-");
        await using (var node = Open(folder.FullName, files))
        {
            await node.StartAsync(CancellationToken.None);
            await InProcessCluster.UntilAsync(() => node.Current is not null, "no leader");
            fail(new IOException("it failed", number));
            for (var i = 1; !node.Fatal.IsCompleted; i++)
            {
                await Task.WhenAny(InProcessCluster.LockAsync(node, i, 1), node.Fatal);
            }

            Assert.Equal(kind, (await node.Fatal).Kind);
        }

        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_running_node_that_wants_memory_is_neither_damaged_nor_has_it_a_failing_disk(bool whileApplying)
    {
        var folder = Directory.CreateTempSubdirectory("raftlocks-");
        var wanting = new WantsMemory(new InsufficientMemoryException()) { WhileApplying = whileApplying };
        await using (var node = Open(folder.FullName, OsFileSystem.Instance, wanting))
        {
            await node.StartAsync(CancellationToken.None);
            await InProcessCluster.UntilAsync(() => node.Current is not null, "no leader");
            for (var i = 1; !node.Fatal.IsCompleted; i++)
            {
                await Task.WhenAny(InProcessCluster.LockAsync(node, i, 1), node.Fatal);
            }

            var fatalError = await node.Fatal;
            Assert.Equal(FatalErrorKind.Resources, fatalError.Kind);
            Assert.Contains("memory", fatalError.Reason, StringComparison.Ordinal);
            Assert.DoesNotContain("add it anew", fatalError.Reason, StringComparison.Ordinal);
        }

        folder.Delete(recursive: true);
    }

    private static Exception AssertOpeningFails(Exception failure, Type told)
    {
        var folder = Directory.CreateTempSubdirectory("raftlocks-");
        Open(folder.FullName, OsFileSystem.Instance).DisposeAsync().AsTask().GetAwaiter().GetResult();
        var (files, fail) = FailingFiles.Make(nameof(IFileSystem.ReadAllBytes));
        fail(failure);
        var error = Assert.Throws(told, () => Open(folder.FullName, files));
        folder.Delete(recursive: true);
        return error;
    }

    private static RaftNode Open(string folder, IFileSystem files, IApplyObserver? follower = null) =>
        new(
            new RaftNodeOptions
            {
                Name = "n1",
                DataDirectory = folder,
                Members = LogFixture.Three(0)[..1],
                LogSegmentBytes = 4096,
                SnapshotEveryBytes = 2048,
                KeptLogBytes = 0,
                FileSystem = files,
                ApplyObserver = follower,
            },
            new InProcessCluster.NobodyListens(),
            NullLoggerFactory.Instance,
            TimeProvider.System
        );

    /// <summary>
    /// Whoever is told about each change finds no memory for it, or for what is to be saved before the log is cut.
    /// </summary>
    private sealed class WantsMemory(Exception failure) : IApplyObserver
    {
        public bool WhileApplying { get; init; }

        public void OnRestored(LockStateMachine machine) { }

        public void OnApplied(LockStateMachine machine, EventList events)
        {
            if (WhileApplying)
            {
                throw failure;
            }
        }

        public Task OnCompactingAsync() => throw failure;
    }
}
