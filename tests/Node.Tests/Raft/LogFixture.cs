// A durable log in a folder of its own, fed with exchanges as a leader would send them.
using System.Buffers.Binary;
using System.Text;
using DotNext.IO.Log;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Tests.Raft;

internal sealed class LogFixture : IAsyncDisposable
{
    private readonly string directory;
    private bool closed;

    private LogFixture(string directory, long snapshotEveryBytes)
    {
        this.directory = directory;
        var options = new RaftNodeOptions
        {
            Name = "n1",
            DataDirectory = directory,
            Members = Three(7001),
            SnapshotEveryBytes = snapshotEveryBytes,
        };
        Locks = new ReplicatedLocks(new SnapshotStore(Path.Combine(directory, "snapshots"), NullLogger.Instance), options, NullLogger.Instance, Fail);
        var cutMark = new CutMark(Path.Combine(directory, "log.cut"));
        new LogRecovery(Path.Combine(directory, "log"), 4 << 20).Recover(cutMark, Locks.Snapshot?.Index ?? 0, Locks.Snapshot?.Term ?? 0);
        var membership = MembershipStore.Open(Path.Combine(directory, "members"), "n1", "");
        membership.Found(options.Members);
        Log = new DurableLog(LogOptions(), Locks, VoteCopy.Open(Path.Combine(directory, "vote.copy"), expected: false), cutMark, membership, options, Fail);
    }

    public DurableLog Log { get; }

    public ReplicatedLocks Locks { get; }

    public IPersistentState State => Log;

    public bool HasCutMark => File.Exists(Path.Combine(directory, "log.cut"));

    public List<string> Fatal { get; } = [];

    public long BytesOnDisk() => new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    public string[] SnapshotFiles() => Directory.GetFiles(Path.Combine(directory, "snapshots"), "*.snapshot");

    public static LogFixture New(long snapshotEveryBytes = 64 << 20) =>
        new(Directory.CreateTempSubdirectory("raftlocks-").FullName, snapshotEveryBytes);

    /// <summary>Closes the log and opens it again, as a restart does.</summary>
    public async Task<LogFixture> ReopenAsync(long snapshotEveryBytes = 64 << 20)
    {
        await CloseAsync();
        var reopened = new LogFixture(directory, snapshotEveryBytes);
        await reopened.Log.InitializeAsync();
        return reopened;
    }

    public static Member[] Three(int port) =>
        [.. Enumerable.Range(0, 3).Select(i => new Member($"n{i + 1}", "127.0.0.1", port + i, new Uri($"http://127.0.0.1:{port + 100 + i}"), new Uri($"http://127.0.0.1:{port + 100 + i}")))];

    /// <summary>Does something that replaces entries from an index on, and restarts as if the power had failed just before the checkpoint was written.</summary>
    public async Task<LogFixture> ReopenWithOldCheckpointAsync(long cutFrom, Func<Task> replace, long snapshotEveryBytes)
    {
        await Log.FlushAsync();
        var checkpoint = Path.Combine(directory, "log", "checkpoint");
        var before = await File.ReadAllBytesAsync(checkpoint);
        await replace();
        await CloseAsync();
        await File.WriteAllBytesAsync(checkpoint, before);
        new CutMark(Path.Combine(directory, "log.cut")).Set(cutFrom);
        return await ReopenAsync(snapshotEveryBytes);
    }

    /// <summary>Restarts with a checkpoint that says that the log ends earlier than it does.</summary>
    public async Task<LogFixture> ReopenWithCheckpointAtAsync(long last, long snapshotEveryBytes = 64 << 20, Action<string>? harm = null)
    {
        await Log.FlushAsync();
        await CloseAsync();
        var path = Path.Combine(directory, "log", "checkpoint");
        var bytes = new byte[20];
        bytes[0] = 1;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(12), last);
        await File.WriteAllBytesAsync(path, bytes);
        harm?.Invoke(directory);
        return await ReopenAsync(snapshotEveryBytes);
    }

    /// <summary>One entry that locks a resource named after the session.</summary>
    public static byte[] LockEntry(int session, UInt128 batchId = default, int padding = 0)
    {
        var writer = new EntryWriter();
        writer.Begin(batchId, 1000);
        var resources = new ResourceSetBuilder().Begin(Access.Write).Segment($"r{session}{new string('x', padding)}").Build();
        writer.Add(new LockCommand(Encoding.UTF8.GetBytes("ns"), new SessionId((UInt128)session, Resumable: false), default, resources, 1000));
        return writer.Complete().ToArray();
    }

    public async Task ReceiveAsync(long startIndex, params (byte[] Content, long Term)[] entries)
    {
        List<ReceivedEntry> received = [.. entries.Select(entry => new ReceivedEntry(entry.Content, entry.Term, null, isConfiguration: false))];
        await State.AppendAsync(new ReceivedEntries(received, 0), startIndex, skipCommitted: true, CancellationToken.None);
    }

    /// <summary>The last index that the log's checkpoint on disk vouches for.</summary>
    public long FlushedLastIndex()
    {
        using var file = new FileStream(Path.Combine(directory, "log", "checkpoint"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[20];
        return file.ReadAtLeast(bytes, 20, throwOnEndOfStream: false) == 20 ? BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(12)) : 0;
    }

    /// <summary>From here on a file can't be made or opened: a folder stands in its place.</summary>
    public void Obstruct(string file) => Directory.CreateDirectory(Path.Combine(directory, file));

    /// <summary>From here on it can again.</summary>
    public void Clear(string file) => Directory.Delete(Path.Combine(directory, file));

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Directory.Delete(directory, recursive: true);
    }

    private async Task CloseAsync()
    {
        if (closed)
        {
            return;
        }

        closed = true;
        await Log.DisposeAsync();
        await Locks.FinishSnapshotAsync();
    }

    private WriteAheadLog.Options LogOptions() => new()
    {
        Location = Path.Combine(directory, "log"),
        ChunkSize = 4 << 20,
        HashAlgorithm = WriteAheadLog.IntegrityHashAlgorithm.XxHash3,
        MemoryManagement = WriteAheadLog.MemoryManagementStrategy.PrivateMemory,
    };

    private void Fail(string reason, Exception? cause) => Fatal.Add(reason);
}
