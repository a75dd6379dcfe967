// Data that a newer version wrote, of every kind: this build says what it needs, and leaves every file as it was.
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.History;
using RaftLocks.Node.Journal;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Raft.Files;
using RaftLocks.Node.Raft.Membership;
using RaftLocks.Node.Raft.Storage;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Tests.Raft;

public sealed class NewerDataTests : IAsyncLifetime
{
    private const int SnapshotHeader = 28;
    private const int NextLevel = Versions.SupportedFeatureLevel + 1;

    private readonly string folder = Directory.CreateTempSubdirectory("raftlocks-").FullName;

    private string Snapshot => Newest(Path.Combine(folder, "snapshots"), "*.snapshot");

    private string LogDirectory => Path.Combine(folder, "log");

    public async Task InitializeAsync()
    {
        await using var node = Open();
        await node.StartAsync(CancellationToken.None);
        await InProcessCluster.UntilAsync(() => node.Current is not null, "no leader");
        await InProcessCluster.LockAsync(node, 1, 20);
        using (await node.TakeSnapshotAsync()) { }

        await InProcessCluster.LockAsync(node, 100, 5);
    }

    public Task DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task The_folder_is_good_as_it_is()
    {
        await using var node = Open();
        Assert.Equal(20, node.Read(machine => machine.LiveCount));
    }

    [Fact]
    public void The_identity_of_a_newer_format_is_refused_and_nothing_is_changed() =>
        AssertRefused(
            "format version 5, this build reads format version 4",
            () => ChangeText("node.json", "\"Format\":4", "\"Format\":5,\"Owner\":\"us\"")
        );

    [Theory]
    [InlineData("vote", 3, 2)]
    [InlineData("members", 2, 1)]
    [InlineData("log/end", 2, 1)]
    public void A_small_file_of_a_newer_version_is_refused_and_nothing_is_changed(
        string file,
        int version,
        int known
    ) =>
        AssertRefused(
            $"format version {version}, this build reads format version {known}",
            () =>
                Change(
                    file,
                    bytes =>
                    {
                        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), version);
                        var end = file == "members" ? 20 : bytes.Length;
                        Seal(bytes.AsSpan(0, end));
                    }
                )
        );

    [Fact]
    public void A_list_of_members_of_a_newer_version_is_refused_and_nothing_is_changed() =>
        AssertRefused(
            "The list of members was written by a newer version",
            () =>
                Change(
                    "members",
                    bytes =>
                    {
                        var list = bytes.AsSpan(20);
                        BinaryPrimitives.WriteInt32LittleEndian(list[4..], 2);
                        Seal(list);
                    }
                )
        );

    [Fact]
    public void A_log_file_of_a_newer_version_is_refused_and_nothing_is_changed() =>
        AssertRefused(
            "The log was written by a newer version",
            () =>
                Change(
                    Newest(LogDirectory, "*.log"),
                    bytes =>
                    {
                        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), 2);
                        BinaryPrimitives.WriteUInt64LittleEndian(bytes, XxHash3.HashToUInt64(bytes.AsSpan(8, 56)));
                    }
                )
        );

    [Fact]
    public void An_entry_that_raises_the_feature_level_too_far_is_refused_and_nothing_is_changed() =>
        AssertRefused(
            $"it needs feature level {NextLevel}, this build supports feature level {Versions.SupportedFeatureLevel}",
            () => Append(RaiseTo(NextLevel), isConfiguration: false)
        );

    [Fact]
    public void An_entry_of_a_newer_version_is_refused_and_nothing_is_changed()
    {
        var entry = LogFixture.LockEntry(1);
        entry[1] = 2;
        AssertRefused(
            "it has format version 2, this build reads format version 1",
            () => Append(entry, isConfiguration: false)
        );
    }

    [Fact]
    public void A_configuration_of_a_newer_version_is_refused_and_nothing_is_changed()
    {
        var members = MemberCodec.Encode(LogFixture.Three(7001));
        BinaryPrimitives.WriteInt32LittleEndian(members.AsSpan(4), 7);
        Seal(members);
        AssertRefused("it has format version 7", () => Append(members, isConfiguration: true));
    }

    [Fact]
    public async Task A_newer_entry_that_was_replaced_is_ignored()
    {
        Append(RaiseTo(NextLevel), isConfiguration: false, thenCut: true);
        await using var node = Open();
        Assert.Equal(20, node.Read(machine => machine.LiveCount));
    }

    [Theory]
    [InlineData(true, 4, 2, "it has format version 2")]
    [InlineData(false, 4, 3, "it has format version 3")]
    [InlineData(false, 32, NextLevel, "it needs feature level")]
    public void A_newer_snapshot_is_refused_and_not_set_aside(bool inHeader, int at, int value, string because) =>
        AssertRefused(because, () => Change(Snapshot, bytes => MakeNewer(bytes, inHeader, at, value)));

    [Fact]
    public async Task A_damaged_snapshot_is_not_taken_for_a_newer_one()
    {
        Change(Snapshot, bytes => bytes[SnapshotHeader + 32] = 9);
        await using var node = Open();
        Assert.Single(Directory.GetFiles(Path.Combine(folder, "snapshots"), "*.damaged"));
    }

    [Fact]
    public void A_journal_of_a_newer_version_is_refused_and_not_set_aside()
    {
        var options = new JournalOptions { Directory = Path.Combine(folder, "journal"), Node = "n1" };
        var segment = Directory.CreateDirectory(Path.Combine(options.Directory, new string('0', 20)));
        var commit = new byte[1024];
        BinaryPrimitives.WriteUInt32LittleEndian(commit, 0x434A4C52);
        BinaryPrimitives.WriteInt16LittleEndian(commit.AsSpan(4), 2);
        BinaryPrimitives.WriteUInt32LittleEndian(commit.AsSpan(508), Checksum(commit.AsSpan(0, 508)));
        File.WriteAllBytes(Path.Combine(segment.FullName, "commit"), commit);
        var before = Fingerprint();
        var journal = new NodeJournal(
            options,
            new HistoryBroadcaster(),
            NullLoggerFactory.Instance,
            TimeProvider.System
        );
        var error = Assert.Throws<NewerDataException>(journal.CheckVersion);
        Assert.Contains("format version 2", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Fingerprint());
    }

    [Fact]
    public async Task A_snapshot_that_the_leader_sends_and_that_is_too_new_ends_the_node_and_leaves_nothing_behind()
    {
        await using var fixture = LogFixture.New();
        var bytes = File.ReadAllBytes(Snapshot);
        MakeNewer(bytes, inHeader: false, 32, NextLevel);
        var newer = Path.Combine(folder, "newer");
        File.WriteAllBytes(newer, bytes);
        using var sent = new SnapshotFile(OsFileSystem.Instance, newer, 25, 1).Open();
        var error = await Assert.ThrowsAsync<NewerDataException>(() =>
            fixture.Log.InstallAsync(sent, 25, CancellationToken.None).AsTask()
        );
        Assert.Contains("The snapshot that the leader sent was written by", error.Message, StringComparison.Ordinal);
        Assert.Single(fixture.Fatal);
        Assert.Empty(fixture.SnapshotFiles());
        Assert.Equal(FatalErrorKind.NewerData, FatalError.Of("", error).Kind);
    }

    private static void Seal(Span<byte> bytes) =>
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[^4..], Crc32.HashToUInt32(bytes[..^4]));

    private static void MakeNewer(byte[] snapshot, bool inHeader, int at, int value)
    {
        if (inHeader)
        {
            BinaryPrimitives.WriteInt32LittleEndian(snapshot.AsSpan(at), value);
            Seal(snapshot.AsSpan(0, SnapshotHeader));
            return;
        }

        var body = snapshot.AsSpan(SnapshotHeader);
        BinaryPrimitives.WriteInt32LittleEndian(body[at..], value);
        BinaryPrimitives.WriteUInt32LittleEndian(body[^4..], Checksum(body[..^4]));
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return ~crc;
    }

    private static byte[] RaiseTo(int level)
    {
        var writer = new EntryWriter();
        writer.Begin(default, 1000);
        writer.Add(new RaiseFeatureLevelCommand(level));
        return writer.Complete().ToArray();
    }

    private static string Newest(string directory, string pattern) =>
        Directory.GetFiles(directory, pattern).Order(StringComparer.Ordinal).Last();

    private RaftNode Open() =>
        new(
            new RaftNodeOptions
            {
                Name = "n1",
                DataDirectory = folder,
                Members = LogFixture.Three(0)[..1],
            },
            new InProcessCluster.NobodyListens(),
            NullLoggerFactory.Instance,
            TimeProvider.System
        );

    private void AssertRefused(string because, Action makeNewer)
    {
        makeNewer();
        var before = Fingerprint();
        var error = Assert.Throws<NewerDataException>(() => Open());
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Fingerprint());
    }

    private void Append(byte[] content, bool isConfiguration, bool thenCut = false)
    {
        var snapshot = File.ReadAllBytes(Snapshot);
        var index = BinaryPrimitives.ReadInt64LittleEndian(snapshot.AsSpan(8));
        var term = BinaryPrimitives.ReadInt64LittleEndian(snapshot.AsSpan(16));
        using var log = EntryLog.Open(OsFileSystem.Instance, LogDirectory, 8 << 20, (index, term), expected: true);
        var at = log.Append(new RaftEntry(content, log.TermAt(log.LastIndex)!.Value, null, isConfiguration));
        log.Flush();
        if (thenCut)
        {
            log.TruncateSuffix(at);
            log.Append(new RaftEntry(default, log.TermAt(log.LastIndex)!.Value, null, isConfiguration: false));
            log.Flush();
        }
    }

    private void Change(string file, Action<byte[]> change)
    {
        var path = Path.Combine(folder, file);
        var bytes = File.ReadAllBytes(path);
        change(bytes);
        File.WriteAllBytes(path, bytes);
    }

    private void ChangeText(string file, string from, string to)
    {
        var path = Path.Combine(folder, file);
        var text = File.ReadAllText(path);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
    }

    /// <summary>Every file of the folder, with what is in it.</summary>
    private string Fingerprint()
    {
        var all = new StringBuilder();
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories);
        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var hash = Convert.ToHexStringLower(SHA256.HashData(stream));
            all.Append(Path.GetRelativePath(folder, file)).Append(' ').AppendLine(hash);
        }

        return all.ToString();
    }
}
