// What lies on disk, byte for byte, FasterLog's part included: a segment and an export that were written once can be
// read for ever. To write new files on purpose, run with RAFTLOCKS_WRITE_GOLDEN=1.
using System.Reflection;
using RaftLocks.Ledger;
using RaftLocks.Ledger.Proof;
using RaftLocks.Ledger.Tests;

namespace RaftLocks.Journal.Tests;

public class GoldenTests
{
    private const string Frames = "segment-frames-v1.hex";
    private const string Commit = "segment-commit-v1.hex";
    private const string Export = "export-v1.hex";

    private static string Golden =>
        Path.Combine(
            typeof(GoldenTests)
                .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
                .Single(a => a.Key == "TestSource")
                .Value!,
            "Golden"
        );

    [Fact]
    public async Task A_segment_is_as_it_always_was()
    {
        using var folder = new Folder();
        await WriteSegmentAsync(folder);

        AssertGolden(Frames, await File.ReadAllBytesAsync(folder["journal/00000000000000000000/frames.0"]));
        AssertGolden(Commit, await File.ReadAllBytesAsync(folder["journal/00000000000000000000/commit"]));
    }

    [Fact]
    public async Task An_export_is_as_it_always_was()
    {
        var bytes = new MemoryStream();
        var export = new ExportWriter(bytes);
        await export.BeginAsync(CancellationToken.None);
        foreach (var (kind, item) in GoldenRun().Items)
        {
            await export.AddAsync(kind, item, CancellationToken.None);
        }

        await export.EndAsync(CancellationToken.None);
        AssertGolden(Export, bytes.ToArray());
    }

    [Fact]
    public void An_old_segment_and_an_old_export_can_still_be_proven()
    {
        using var folder = new Folder();
        Directory.CreateDirectory(folder["journal/00000000000000000000"]);
        File.WriteAllBytes(folder["journal/00000000000000000000/frames.0"], Read(Frames));
        File.WriteAllBytes(folder["journal/00000000000000000000/commit"], Read(Commit));
        File.WriteAllBytes(folder["export"], Read(Export));
        var head = GoldenRun().Machine.LedgerHead.Head;

        foreach (var path in new[] { folder["journal"], folder["export"] })
        {
            var verdict = Verification.Run(path, [], (_, _) => { });
            Assert.Equal((Outcome.Proven, 3L, head), (verdict.Outcome, verdict.Records, verdict.Last.Head));
        }
    }

    private static async Task WriteSegmentAsync(Folder folder)
    {
        using var writer = new JournalFolder(folder["journal"]).Create(0);
        foreach (var (kind, item) in GoldenRun().Items)
        {
            writer.Append(kind, item);
            await writer.CommitAsync();
        }
    }

    private static Run GoldenRun()
    {
        var run = new Run();
        run.Checkpoint(CheckpointReason.Beginning);
        run.Lock(1, "a", "b");
        run.Lock(2, "a");
        run.Lock(3);
        return run;
    }

    private static byte[] Read(string file) =>
        Convert.FromHexString(File.ReadAllText(Path.Combine(Golden, file)).Replace("\n", "", StringComparison.Ordinal));

    private static void AssertGolden(string file, byte[] bytes)
    {
        if (Environment.GetEnvironmentVariable("RAFTLOCKS_WRITE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Golden);
            var lines = Convert.ToHexStringLower(bytes).Chunk(64).Select(line => new string(line) + "\n");
            File.WriteAllText(Path.Combine(Golden, file), string.Concat(lines));
        }

        Assert.Equal(Convert.ToHexStringLower(Read(file)), Convert.ToHexStringLower(bytes));
    }
}
