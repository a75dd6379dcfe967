// A durable log in a folder of its own, fed with exchanges as a leader would send them.
using System.Text;
using DotNext.IO.Log;
using DotNext.Net.Cluster.Consensus.Raft;
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Raft.Files;
using RaftLocks.Node.Raft.Membership;
using RaftLocks.Node.Raft.Storage;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Tests.Raft;

internal sealed class LogFixture : IAsyncDisposable
{
    // Small, so that every test has several.
    private const int SmallSegmentBytes = 2 << 10;

    private readonly string directory;
    private readonly DotNextLogAdapter logAdapter;
    private readonly int segmentBytes;
    private bool closed;

    private LogFixture(
        string directory,
        long snapshotEveryBytes,
        int segmentBytes,
        bool reopened,
        Func<RaftNodeOptions, RaftNodeOptions>? change = null
    )
    {
        this.directory = directory;
        this.segmentBytes = segmentBytes;
        var options = new RaftNodeOptions
        {
            Name = "n1",
            DataDirectory = directory,
            Members = Three(7001),
            SnapshotEveryBytes = snapshotEveryBytes,
            KeptLogBytes = 0,
        };
        options = change?.Invoke(options) ?? options;
        var store = new SnapshotStore(OsFileSystem.Instance, Path.Combine(directory, "snapshots"), NullLogger.Instance);
        var loaded = LoadedState.Read(store);
        Host = new StateMachineHost(loaded.Machine, options.ApplyObserver, options.Metrics, Fail);
        Membership = MembershipStore.Open(OsFileSystem.Instance, Path.Combine(directory, "members"), "n1", "");
        if (Membership.Index < 0)
        {
            Membership.Bootstrap(options.Members);
        }

        Entries = EntryLog.Open(OsFileSystem.Instance, LogDirectory, segmentBytes, loaded.Position, expected: reopened);
        Membership.Recover(DurableLog.ConfigurationsIn(Entries));
        Snapshots = new SnapshotKeeper(store, loaded, Host, Entries, options, NullLogger.Instance, Fail);
        Log = new DurableLog(
            Entries,
            HardStateFile.Open(OsFileSystem.Instance, Path.Combine(directory, "vote"), expected: false),
            Membership,
            Host,
            Snapshots,
            options.CatchUpBytes,
            Fail
        );
        logAdapter = new DotNextLogAdapter(Log, Path.Combine(directory, "unused"));
    }

    public EntryLog Entries { get; }

    public DurableLog Log { get; }

    public MembershipStore Membership { get; }

    public StateMachineHost Host { get; }

    public SnapshotKeeper Snapshots { get; }

    /// <summary>The log as the library sees it.</summary>
    public IPersistentState State => logAdapter;

    public string LogDirectory => Path.Combine(directory, "log");

    public string[] SegmentFiles() => [.. Directory.GetFiles(LogDirectory, "*.log").Order(StringComparer.Ordinal)];

    public List<string> Fatal { get; } = [];

    /// <summary>
    /// How much there is. The log's files are made, renamed and deleted in the background: one that has just gone
    /// counts as nothing.
    /// </summary>
    public long BytesOnDisk() =>
        new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(LengthOf);

    public string[] SnapshotFiles() => Directory.GetFiles(Path.Combine(directory, "snapshots"), "*.snapshot");

    public static LogFixture New(long snapshotEveryBytes = 64 << 20, int segmentBytes = SmallSegmentBytes) =>
        new(Directory.CreateTempSubdirectory("raftlocks-").FullName, snapshotEveryBytes, segmentBytes, reopened: false);

    /// <summary>A new one with other limits.</summary>
    public static LogFixture New(Func<RaftNodeOptions, RaftNodeOptions> change) =>
        new(
            Directory.CreateTempSubdirectory("raftlocks-").FullName,
            64 << 20,
            SmallSegmentBytes,
            reopened: false,
            change
        );

    /// <summary>Term and vote as a start would find them on the disk now.</summary>
    public HardStateFile ReadHardStateFile() =>
        HardStateFile.Open(OsFileSystem.Instance, Path.Combine(directory, "vote"), expected: true);

    /// <summary>Where snapshots are.</summary>
    public string SnapshotDirectory => Path.Combine(directory, "snapshots");

    /// <summary>Closes the log, changes its files as a crash or a failing disk does, and opens it again.</summary>
    public async Task<LogFixture> ReopenAsync(long snapshotEveryBytes = 64 << 20, Action<LogFixture>? harm = null)
    {
        await CloseAsync();
        harm?.Invoke(this);
        return new LogFixture(directory, snapshotEveryBytes, segmentBytes, reopened: true);
    }

    /// <summary>Lets the mark of the log's end say something else. After a power cut it may lag.</summary>
    public void MarkEnd(long index)
    {
        using var mark = LogEndMarker.Open(OsFileSystem.Instance, Path.Combine(LogDirectory, "end"), expected: true);
        mark.Set(index);
    }

    /// <summary>What a power cut in the middle of a write leaves of a file: nothing of a range.</summary>
    public static void Tear(string path, int from, int length)
    {
        var bytes = File.ReadAllBytes(path);
        bytes.AsSpan(from, Math.Min(length, bytes.Length - from)).Clear();
        File.WriteAllBytes(path, bytes);
    }

    /// <summary>Bytes of a file up to the last that is not zero: what lies behind was never written.</summary>
    public static int UsedBytes(string path) => File.ReadAllBytes(path).AsSpan().LastIndexOfAnyExcept((byte)0) + 1;

    public static Member[] Three(int port) =>
        [
            .. Enumerable
                .Range(0, 3)
                .Select(i => new Member(
                    $"n{i + 1}",
                    "127.0.0.1",
                    port + i,
                    new Uri($"http://127.0.0.1:{port + 100 + i}"),
                    new Uri($"http://127.0.0.1:{port + 100 + i}")
                )),
        ];

    /// <summary>One entry that locks a resource named after the session.</summary>
    public static byte[] LockEntry(int session, UInt128 batchId = default, int padding = 0)
    {
        var writer = new EntryWriter();
        writer.Begin(batchId, 1000);
        var resources = new ResourceSetBuilder()
            .Begin(Access.Write)
            .Segment($"r{session}{new string('x', padding)}")
            .Build();
        writer.Add(
            new LockCommand(
                Encoding.UTF8.GetBytes("ns"),
                new SessionId((UInt128)session, Resumable: false),
                default,
                resources,
                1000
            )
        );
        return writer.Complete().ToArray();
    }

    public Task ReceiveAsync(long startIndex, params (byte[] Content, long Term)[] entries) =>
        ReceiveEntriesAsync(
            startIndex,
            [.. entries.Select(entry => new RaftEntry(entry.Content, entry.Term, null, isConfiguration: false))]
        );

    public async Task ReceiveEntriesAsync(long startIndex, params RaftEntry[] entries) =>
        await State.AppendAsync(new Exchange(entries), startIndex, skipCommitted: true, CancellationToken.None);

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
        await logAdapter.DisposeAsync();
        Snapshots.Dispose();
        Log.Dispose();
        await Snapshots.FinishAsync();
    }

    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }

    private void Fail(string reason, Exception? cause) => Fatal.Add(reason);

    private sealed class Exchange(RaftEntry[] entries) : ILogEntryProducer<RaftEntry>
    {
        private int position = -1;

        public long RemainingCount => entries.Length - position - 1;

        public RaftEntry Current => entries[position];

        public ValueTask<bool> MoveNextAsync() => ValueTask.FromResult(++position < entries.Length);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
