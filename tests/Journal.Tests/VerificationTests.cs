// A journal is proven where it lies: in its folder while it grows, or as an exported file. What was done to it
// meanwhile is found.
using RaftLocks.Ledger;
using RaftLocks.Ledger.Proof;
using RaftLocks.Ledger.Tests;

namespace RaftLocks.Journal.Tests;

public class VerificationTests
{
    [Fact]
    public async Task A_folder_and_its_export_are_proven_alike()
    {
        using var folder = new Folder();
        var run = await WriteAsync(folder["journal"]);
        await ExportAsync(folder["journal"], folder["export"]);

        foreach (var path in new[] { folder.Path, folder["journal"], folder["export"] })
        {
            var verdict = Verify(path, new KnownHead(run.Machine.AppliedIndex, run.Machine.LedgerHead.Head, "a test"));

            Assert.True(verdict.Outcome == Outcome.Proven, verdict.Violation?.ToString());
            Assert.Equal((4, 80L, 80L), (verdict.Segments, verdict.Records, verdict.Last.Position));
            Assert.Equal(HeadAnswer.Same, Assert.Single(verdict.Heads).Answer);
        }
    }

    [Fact]
    public async Task Progress_goes_from_nothing_to_all()
    {
        using var folder = new Folder();
        await WriteAsync(folder["journal"], locks: 4_000);
        var shares = new List<double>();

        Verification.Run(folder["journal"], [], (share, _) => shares.Add(share));

        Assert.True(shares.Count > 3);
        Assert.Equal(shares.Order(), shares);
        Assert.InRange(shares[0], 0, 0.5);
        Assert.InRange(shares[^1], 0.5, 1.001);
    }

    [Fact]
    public async Task A_journal_that_is_being_written_is_proven_up_to_its_last_commit()
    {
        using var folder = new Folder();
        var run = new Run();
        run.Checkpoint(CheckpointReason.Beginning);
        using var writer = new JournalFolder(folder["journal"]).Create(0);
        writer.Append(ItemKind.Checkpoint, run.Items[0].Bytes);
        for (var i = 0; i < 10; i++)
        {
            run.Lock(i, "a");
            writer.Append(ItemKind.Record, run.Items[^1].Bytes);
            await writer.CommitAsync();
            run.Lock(i, "b");
            writer.Append(ItemKind.Record, run.Items[^1].Bytes);

            var verdict = Verify(folder["journal"]);
            Assert.Equal((Outcome.Proven, (2L * i) + 1), (verdict.Outcome, verdict.Records));
        }
    }

    [Fact]
    public async Task Segments_that_change_places_or_go_are_found()
    {
        using var folder = new Folder();
        await WriteAsync(folder["journal"]);
        var segments = new JournalFolder(folder["journal"]).Segments.Select(segment => segment.Directory).ToList();

        Directory.Move(segments[1], folder["x"]);
        AssertViolated(folder["journal"], "missing");
        Directory.Move(segments[2], segments[1]);
        Directory.Move(folder["x"], segments[2]);
        AssertViolated(folder["journal"], "missing");
        Directory.Move(segments[0], folder["oldest"]);
        AssertViolated(folder["journal"], "wrong order");
    }

    [Fact]
    public async Task The_oldest_segments_may_be_gone()
    {
        using var folder = new Folder();
        await WriteAsync(folder["journal"]);
        JournalFolder.Delete(new JournalFolder(folder["journal"]).Segments[0].Directory);

        var verdict = Verify(folder["journal"]);

        Assert.Equal((Outcome.Proven, 20L), (verdict.Outcome, verdict.First.Position));
    }

    [Fact]
    public async Task A_segment_that_was_cut_and_committed_again_is_found()
    {
        using var folder = new Folder();
        var run = await WriteAsync(folder["journal"]);
        var second = new JournalFolder(folder["journal"]).Segments[1].Directory;
        Directory.Delete(second, recursive: true);
        var segment = run.Segments.ElementAt(1);
        await WriteSegmentAsync(folder["journal"], 20, segment.SkipLast(1));

        AssertViolated(folder["journal"], "missing");
    }

    [Fact]
    public async Task A_flipped_bit_in_a_folder_or_an_export_is_found()
    {
        using var folder = new Folder();
        await WriteAsync(folder["journal"]);
        await ExportAsync(folder["journal"], folder["export"]);
        var random = new Random(3);
        foreach (
            var file in new[]
            {
                folder["export"],
                Path.Combine(new JournalFolder(folder["journal"]).Segments[2].Directory, "frames.0"),
            }
        )
        {
            var whole = await File.ReadAllBytesAsync(file);
            var end = Array.FindLastIndex(whole, last => last != 0);
            for (var i = 0; i < 40; i++)
            {
                var bytes = (byte[])whole.Clone();
                var at = random.Next(100, end);
                bytes[at] ^= (byte)(1 << random.Next(8));
                await File.WriteAllBytesAsync(file, bytes);

                // Up to three bytes behind a frame only fill up to the next multiple of four.
                var path = file == folder["export"] ? file : folder["journal"];
                Assert.True(IsFound(path) || whole[at] == 0, $"{file}, byte {at}");
            }

            await File.WriteAllBytesAsync(file, whole);
        }
    }

    [Fact]
    public async Task An_export_that_was_cut_is_found_wherever_it_was_cut()
    {
        using var folder = new Folder();
        await WriteAsync(folder["journal"], locks: 8);
        await ExportAsync(folder["journal"], folder["export"]);
        var whole = await File.ReadAllBytesAsync(folder["export"]);
        for (var length = 8; length < whole.Length; length += 1 + (length % 7))
        {
            await File.WriteAllBytesAsync(folder["export"], whole[..length]);

            AssertViolated(folder["export"], "no end mark");
        }
    }

    [Fact]
    public void What_is_no_journal_is_not_read()
    {
        using var folder = new Folder();
        File.WriteAllText(folder["text"], "a text of some length");

        Assert.Throws<FileNotFoundException>(() => Verify(folder["nothing"]));
        Assert.Throws<FileNotFoundException>(() => Verify(folder.Path));
        Assert.Throws<InvalidDataException>(() => Verify(folder["text"]));
    }

    private static Verdict Verify(string path, params KnownHead[] heads) =>
        Verification.Run(path, heads, (_, _) => { });

    private static void AssertViolated(string path, string word)
    {
        var verdict = Verify(path);
        Assert.Equal(Outcome.Violated, verdict.Outcome);
        Assert.Contains(word, verdict.Violation!.Text, StringComparison.Ordinal);
    }

    private static bool IsFound(string path)
    {
        try
        {
            return Verify(path).Outcome == Outcome.Violated;
        }
        catch (InvalidDataException)
        {
            return true;
        }
    }

    /// <summary>Four segments.</summary>
    private static async Task<Run> WriteAsync(string path, int locks = 80)
    {
        var run = new Run();
        run.Checkpoint(CheckpointReason.Beginning);
        for (var i = 0; i < locks; i++)
        {
            if (i > 0 && i % (locks / 4) == 0)
            {
                run.Checkpoint(CheckpointReason.Continues);
            }

            run.Lock(i, $"{i % 7}");
        }

        var start = 0;
        foreach (var segment in run.Segments)
        {
            await WriteSegmentAsync(path, start, segment);
            start += segment.Count - 1;
        }

        return run;
    }

    private static async Task WriteSegmentAsync(
        string path,
        long start,
        IEnumerable<(ItemKind Kind, byte[] Bytes)> items
    )
    {
        using var writer = new JournalFolder(path).Create(start);
        foreach (var (kind, bytes) in items)
        {
            writer.Append(kind, bytes);
        }

        await writer.CommitAsync();
    }

    private static async Task ExportAsync(string from, string to)
    {
        await using var file = File.Create(to);
        var export = new ExportWriter(file);
        await export.BeginAsync(CancellationToken.None);
        using var source = JournalSource.Open(from);
        while (source.TryNext())
        {
            await export.AddAsync(source.Kind, source.Item.ToArray(), CancellationToken.None);
        }

        await export.EndAsync(CancellationToken.None);
    }
}
