// What a power cut leaves behind the last whole entry is searched for records that say that more had been flushed. It
// holds what clients sent, and none of that may pass for a record: a client could make a node call its data damaged.
using System.Buffers.Binary;
using System.Text;
using RaftLocks.Node.Raft.Files;
using RaftLocks.Node.Raft.Storage;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Tests.Raft;

public class TornTailTests
{
    private const int RecordAlignment = 8;
    private const ulong Key = 0x0123456789ABCDEF;

    [Fact]
    public async Task A_record_that_a_client_forged_in_a_torn_entry_is_no_sign_of_damage()
    {
        var fixture = LogFixture.New();
        await fixture.ReceiveAsync(1, (LogFixture.LockEntry(1), 1));
        await fixture.ReceiveAsync(2, (EntryWithForgedRecords(), 1));
        await using var reopened = await fixture.ReopenAsync(harm: TearSecond);
        Assert.Equal(1, reopened.State.LastEntryIndex);
        Assert.Empty(reopened.Fatal);
    }

    [Fact]
    public async Task A_true_record_behind_a_torn_one_is_a_sign_of_damage()
    {
        var fixture = LogFixture.New();
        await fixture.ReceiveAsync(1, (LogFixture.LockEntry(1), 1));
        await fixture.ReceiveAsync(2, (LogFixture.LockEntry(2), 1));
        await fixture.ReceiveAsync(3, (LogFixture.LockEntry(3), 1));
        await Assert.ThrowsAsync<DamagedDataException>(() => fixture.ReopenAsync(harm: TearSecond));
        await fixture.DisposeAsync();
    }

    [Fact]
    public void The_forged_record_would_pass_without_a_tag()
    {
        // The attack is a real one: in a segment of before, which has no key, the same bytes are taken for a record.
        foreach (var key in new[] { 0UL, Key })
        {
            var segment = Segment(key);
            segment.Append(Entry(LogFixture.LockEntry(1)), flushedIndex: 0);
            var end = segment.End;
            segment.Append(Entry(EntryWithForgedRecords()), flushedIndex: 1);
            var bytes = segment.Bytes(0, segment.Capacity).ToArray();
            bytes.AsSpan(end, 16).Clear();
            Assert.Equal(key == 0, Read(bytes, segment).MissesFlushedEntries());
        }
    }

    [Fact]
    public void A_segment_to_which_a_build_without_tags_has_added_is_read_by_the_old_rule()
    {
        var segment = Segment(Key);
        segment.Append(Entry(LogFixture.LockEntry(1)), flushedIndex: 0);
        Assert.True(Read(segment.Bytes(0, segment.Capacity).ToArray(), segment).IsTagged);
        var bytes = segment.Bytes(0, segment.Capacity).ToArray();
        SegmentFormat.Write(bytes.AsSpan(segment.End), key: 0, segment.LastHash, 2, 1, Entry(LogFixture.LockEntry(2)));
        var read = Read(bytes, segment);
        Assert.Equal((2, false), (read.LastIndex, read.IsTagged));
    }

    [Theory]
    [InlineData("log-segment-v1.hex", 0)]
    [InlineData("log-segment-tagged-v1.hex", Key)]
    public void The_file_of_a_segment_is_as_it_always_was(string file, ulong key)
    {
        var segment = Segment(key);
        segment.Append(Entry(LogFixture.LockEntry(1, batchId: 7)), flushedIndex: 0);
        segment.Append(new RaftEntry(new byte[] { 1, 2, 3 }, 2, 5, isConfiguration: true), flushedIndex: 1);
        var path = Path.Combine(Source(), "tests", "Node.Tests", "Raft", "Golden", file);
        if (Environment.GetEnvironmentVariable("RAFTLOCKS_WRITE_GOLDEN") == "1")
        {
            var hex = Convert.ToHexStringLower(segment.Bytes(0, segment.End));
            File.WriteAllLines(path, hex.Chunk(64).Select(line => new string(line)));
        }

        var golden = Convert.FromHexString(File.ReadAllText(path).ReplaceLineEndings(""));
        Assert.Equal(Convert.ToHexStringLower(golden), Convert.ToHexStringLower(segment.Bytes(0, segment.End)));
        var read = Read([.. golden, .. new byte[64]], segment);
        Assert.Equal((2, 2, key != 0), (read.LastIndex, read.LastTerm, read.IsTagged));
        Assert.Equal((5, true), (read[2].CommandId, read[2].IsConfiguration));
    }

    private static RaftEntry Entry(byte[] content) => new(content, 1, null, isConfiguration: false);

    private static LogSegment Segment(ulong key) =>
        LogSegment.New(new SegmentHeader(1, 1, 0, 0, BeginsAnew: true, key), capacity: 4096, Path.GetTempPath());

    private static LogSegment Read(byte[] bytes, LogSegment like)
    {
        var folder = Directory.CreateTempSubdirectory("raftlocks-");
        var path = Path.Combine(folder.FullName, Path.GetFileName(like.Path));
        File.WriteAllBytes(path, bytes);
        var read = LogSegment.Read(OsFileSystem.Instance, path);
        folder.Delete(recursive: true);
        return read;
    }

    /// <summary>The power went while the second record's head was on its way; its contents had arrived.</summary>
    private static void TearSecond(LogFixture closed)
    {
        closed.MarkEnd(0);
        var path = closed.SegmentFiles()[^1];
        var first = SegmentFormat.HeaderBytes + SegmentFormat.SizeOf(LogFixture.LockEntry(1).Length);
        LogFixture.Tear(path, first, 16);
    }

    /// <summary>A lock whose path holds, where a record may begin, a record that says that very much was flushed. It
    /// is text, as a client may send it.</summary>
    private static byte[] EntryWithForgedRecords()
    {
        var forged = Forged();
        var writer = new EntryWriter();
        for (var padding = 0; padding < RecordAlignment; padding++)
        {
            writer.Begin(default, 1000);
            var segment = new string('a', padding) + Encoding.UTF8.GetString(forged);
            var resources = new ResourceSetBuilder().Begin(Access.Write).Segment(segment).Build();
            writer.Add(
                new LockCommand(
                    Encoding.UTF8.GetBytes("ns"),
                    new SessionId(1, Resumable: false),
                    default,
                    resources,
                    1000
                )
            );
            var entry = writer.Complete().ToArray();
            if (entry.AsSpan().IndexOf(forged) % RecordAlignment == 0)
            {
                return entry;
            }
        }

        throw new InvalidOperationException("No padding puts the forged record where a record may begin.");
    }

    // Each attempt has another hash; one in some hundreds is all ASCII.
    private static byte[] Forged()
    {
        var forged = new byte[SegmentFormat.SizeOf(sizeof(int))];
        for (var attempt = 0; ; attempt++)
        {
            var content = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(content, (attempt & 0x7F) | ((attempt & 0x3F80) << 1));
            SegmentFormat.Write(forged, key: 0, previousHash: 1, index: 0x7001, flushedIndex: 0x7000, Entry(content));
            if (Ascii.IsValid(forged))
            {
                return forged;
            }
        }
    }

    private static string Source()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "RaftLocks.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
