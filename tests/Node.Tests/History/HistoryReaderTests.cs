// Whatever is asked, in whatever order and however small the pages and the budget: the pages together are exactly the
// events that match.
using System.Text;
using RaftLocks.Journal;
using RaftLocks.Ledger;
using RaftLocks.Node.History;
using RaftLocks.Node.Http;
using RaftLocks.Node.Tests.Journal;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Tests.History;

public class HistoryReaderTests
{
    [Fact]
    public async Task The_pages_together_are_what_matches()
    {
        await using var bench = await BenchAsync();
        var all = All(bench.Folder);
        Assert.True(bench.Folder.Segments.Count > 3);
        var random = new Random(11);
        for (var i = 0; i < 30; i++)
        {
            var filter = Any(random, all);
            var query = new HistoryQuery(filter, random.Next(2) == 0, Cursor: null, random.Next(1, 200));
            var expected = all.Where(one => one.Matches(filter)).Select(one => one.Key.ToString());

            // A reader of its own now and then: what it knows of the segments it has to find out again.
            var reader = new HistoryReader(bench.Folder, random.Next(3) == 0 ? 100_000 : 50_000_000);
            var found = Pages(reader, query);

            Assert.Equal(query.NewestFirst ? expected.Reverse() : expected, found);
        }
    }

    [Fact]
    public async Task What_is_written_later_is_found_by_the_same_reader()
    {
        await using var bench = await BenchAsync(entries: 100);
        var reader = new HistoryReader(bench.Folder, 50_000_000);
        var query = new HistoryQuery(new HistoryFilter(), NewestFirst: true, Cursor: null, 1);
        bench.Start();
        for (var i = 0; i < 40; i++)
        {
            bench.Apply(100, labelBytes: 500);
            await bench.Journal.FlushAsync();

            Assert.Equal(bench.Head.Position, Assert.Single(reader.Read(query).Events).Index);
        }

        Assert.True(bench.Folder.Segments.Count > 1);
        await bench.StopAsync();
    }

    [Fact]
    public async Task A_gap_and_a_damaged_segment_are_told()
    {
        await using var bench = new JournalBench();
        bench.Start();
        bench.Apply(10);
        await bench.StopAsync();
        bench.Apply(10);
        bench.Start(bench.Freeze());
        bench.Apply(10);
        await bench.StopAsync();
        var reader = new HistoryReader(bench.Folder, 50_000_000);

        foreach (var newestFirst in new[] { true, false })
        {
            var found = reader.Read(new HistoryQuery(new HistoryFilter(), newestFirst, Cursor: null, 1_000));
            var gap = Assert.Single(found.Gaps);
            Assert.Equal((10, 20), (gap.AfterIndex, gap.Index));
            Assert.Equal(20, found.Events.Select(one => one.Index).Distinct().Count());
        }

        var frames = Path.Combine(bench.Folder.Segments[0].Directory, "frames.0");
        var bytes = await File.ReadAllBytesAsync(frames);
        bytes[500] ^= 1;
        await File.WriteAllBytesAsync(frames, bytes);
        var after = new HistoryReader(bench.Folder, 50_000_000).Read(
            new HistoryQuery(new HistoryFilter(), NewestFirst: true, Cursor: null, 1_000)
        );
        Assert.Contains(after.Gaps, gap => gap.Reason.Contains("damaged", StringComparison.Ordinal));
        Assert.Contains(after.Events, one => one.Index == 30);
    }

    [Theory]
    [InlineData("a/b", PathScope.Itself, true)]
    [InlineData("a/b", PathScope.Above | PathScope.Beneath, false)]
    [InlineData("a", PathScope.Beneath, true)]
    [InlineData("a", PathScope.Itself | PathScope.Above, false)]
    [InlineData("a/b/c", PathScope.Above, true)]
    [InlineData("a/b/c", PathScope.Beneath | PathScope.Itself, false)]
    [InlineData("a/bb", PathScope.All, false)]
    [InlineData("", PathScope.Beneath, true)]
    [InlineData("b", PathScope.All, false)]
    public void A_path_is_itself_above_or_beneath(string path, PathScope scope, bool expected)
    {
        var writer = new RecordItemWriter();
        var machine = new LockStateMachine();
        var events = new EventList();
        var entry = new EntryWriter();
        entry.Begin(1, 1);
        entry.Add(
            new LockCommand(
                "ns"u8.ToArray(),
                new SessionId(1, Resumable: false),
                default,
                new ResourceSetBuilder().Begin(Access.Read).Segment("a").Segment("b").Build(),
                1
            )
        );
        machine.Apply(entry.Complete().Span, 1, 1, events);
        Assert.True(RecordItem.TryParse(writer.Write(machine, events), out var item));
        RecordEvents.Open(item, out var told);
        Assert.True(told.TryNext(out var happened));

        var filter = new HistoryFilter
        {
            Namespace = "ns"u8.ToArray(),
            Path = [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Encoding.UTF8.GetBytes)],
            Scope = scope,
        };

        Assert.Equal(expected, filter.Matches(happened, 1));
    }

    private static async Task<JournalBench> BenchAsync(int entries = 8_000)
    {
        var bench = new JournalBench();
        bench.Options = bench.Options with { MaxBytes = 16 << 20 };
        bench.Start();
        for (var i = 0; i < entries; i += 100)
        {
            bench.Apply(100, labelBytes: 300);
            await bench.Journal.FlushAsync();
        }

        await bench.StopAsync();
        return bench;
    }

    private static HistoryFilter Any(Random random, List<Seen> all)
    {
        var some = all[random.Next(all.Count)];
        var filter = new HistoryFilter();
        filter = random.Next(6) switch
        {
            0 => filter,
            1 => filter with { Namespace = "ns"u8.ToArray(), Id = some.Id },
            2 => filter with { Session = some.Session },
            3 => filter with
            {
                Namespace = "ns"u8.ToArray(),
                Path = ["a"u8.ToArray(), Encoding.UTF8.GetBytes($"{random.Next(6)}")],
            },
            4 => filter with { Namespace = "elsewhere"u8.ToArray() },
            _ => filter with { Namespace = "ns"u8.ToArray(), Path = ["a"u8.ToArray()], Scope = PathScope.Beneath },
        };
        if (random.Next(2) == 0)
        {
            var from = some.ClockMs - random.Next(500);
            filter = filter with { FromMs = from, ToMs = from + random.Next(1_000) };
        }

        return filter;
    }

    private static List<string> Pages(HistoryReader reader, HistoryQuery query)
    {
        var found = new List<string>();
        for (var page = 0; ; page++)
        {
            var answer = reader.Read(query);
            Assert.InRange(answer.Events.Count, 0, query.Limit);
            found.AddRange(answer.Events.Select(one => one.Cursor));
            if (!answer.More)
            {
                return found;
            }

            Assert.True(page < 100_000, "it does not come to an end");
            query = query with { Cursor = answer.Cursor };
        }
    }

    private static List<Seen> All(JournalFolder folder)
    {
        var all = new List<Seen>();
        using var source = JournalSource.Open(folder.Directory);
        while (source.TryNext())
        {
            if (source.Kind != ItemKind.Record)
            {
                continue;
            }

            Assert.True(RecordItem.TryParse(source.Item, out var item));
            RecordEvents.Open(item, out var events);
            for (var ordinal = 0; events.TryNext(out var told); ordinal++)
            {
                Assert.True(LockBody.TryParse(told.Body, out var body));
                var resources = body.Resources;
                Assert.True(resources.MoveNext());
                var last = "";
                foreach (var segment in resources.Current)
                {
                    last = Encoding.UTF8.GetString(segment);
                }

                all.Add(
                    new Seen(new EventKey(events.Index, ordinal), events.ClockMs, told.Id, told.Session.Value, last)
                );
            }
        }

        return all;
    }

    /// <summary>An event of the bench: its one resource is a/LAST in the namespace ns.</summary>
    private sealed record Seen(EventKey Key, long ClockMs, ulong Id, UInt128 Session, string Last)
    {
        public bool Matches(HistoryFilter filter) =>
            ClockMs >= filter.FromMs
            && ClockMs <= filter.ToMs
            && (filter.Namespace is null || Encoding.UTF8.GetString(filter.Namespace) == "ns")
            && (filter.Id is null || filter.Id == Id)
            && (filter.Session is null || filter.Session == Session)
            && (filter.Path is null || filter.Path.Length == 1 || Encoding.UTF8.GetString(filter.Path[1]) == Last);
    }
}
