// /metrics of a node that does something: the right figures, in text that Prometheus can read, and nothing of what
// clients chose.
using System.Diagnostics.Metrics;
using System.Text;
using System.Text.RegularExpressions;
using RaftLocks.Node.Metrics;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Tests.Wire;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Tests.Metrics;

public class MetricsTests
{
    [Fact]
    public async Task Grants_waits_and_requests_are_counted()
    {
        await using var node = await SingleNode.StartAsync();
        var holder = await node.ConnectAsync("n", 0);
        var waiter = await node.ConnectAsync("n", 0);
        await holder.LockAsync("a");
        await waiter.LockAsync("a");

        var before = await ScrapeAsync(node);
        await holder.ReleaseAsync();
        Assert.Equal("acquired", (await waiter.NextAsync()).State);
        var after = await ScrapeAsync(node);

        Assert.Equal(
            (1, 1),
            (before["""raftlocks_requests{state="held"}"""], before["""raftlocks_requests{state="waiting"}"""])
        );
        Assert.Equal(
            (1, 0),
            (after["""raftlocks_requests{state="held"}"""], after["""raftlocks_requests{state="waiting"}"""])
        );
        Assert.Equal(
            (1, 0),
            (before["""raftlocks_grants_total{waited="false"}"""], before["""raftlocks_grants_total{waited="true"}"""])
        );
        Assert.Equal(
            (1, 1),
            (after["""raftlocks_grants_total{waited="false"}"""], after["""raftlocks_grants_total{waited="true"}"""])
        );
        Assert.Equal(1, after["""raftlocks_events_total{event="released"}"""]);
        Assert.Equal(0, before["raftlocks_wait_duration_seconds_count"]);
        Assert.Equal(1, after["raftlocks_wait_duration_seconds_count"]);
        Assert.Equal(1, after["""raftlocks_wait_duration_seconds_bucket{le="+Inf"}"""]);
        Assert.Equal(1, after["raftlocks_batch_commands_sum"] - before["raftlocks_batch_commands_sum"]);
        Assert.True(after["raftlocks_apply_duration_seconds_count"] >= 2);
        Assert.True(after["raftlocks_commit_duration_seconds_count"] >= 2);
        Assert.Equal(
            (1, 1, 1),
            (after["raftlocks_leader"], after["raftlocks_leader_known"], after["raftlocks_leaderships_total"])
        );
        Assert.Equal(
            (2, 2, 1),
            (after["raftlocks_connections"], after["raftlocks_sessions"], after["raftlocks_namespaces"])
        );
        Assert.Equal(
            after["""raftlocks_log_index{point="committed"}"""],
            after["""raftlocks_log_index{point="applied"}"""]
        );
        Assert.Equal(0, after["raftlocks_alarms"]);
        Assert.Equal((0, 0), (after["raftlocks_journal_enabled"], after["raftlocks_journal_writing"]));
    }

    [Fact]
    public async Task After_a_restart_nothing_is_counted_twice_and_what_is_held_is_known()
    {
        await using var node = await SingleNode.StartAsync();
        await (await node.ConnectAsync("n", 60_000)).LockAsync("a");
        await node.RestartAsync();

        var scrape = await ScrapeAsync(node);

        Assert.Equal(0, scrape["""raftlocks_grants_total{waited="false"}"""]);
        Assert.Equal(
            (1, 0),
            (scrape["""raftlocks_requests{state="held"}"""], scrape["""raftlocks_requests{state="waiting"}"""])
        );
    }

    [Fact]
    public async Task Each_metric_is_explained_and_no_label_holds_what_a_client_chose()
    {
        await using var node = await SingleNode.StartAsync();
        await (await node.ConnectAsync("chosen-namespace")).LockAsync("chosen-path");

        var scrape = await ScrapeAsync(node);

        Assert.All(
            scrape.Types.Keys,
            name => Assert.Contains($"# HELP {name} ", scrape.Text, StringComparison.Ordinal)
        );
        Assert.DoesNotContain("chosen", scrape.Text, StringComparison.Ordinal);
        Assert.True(scrape["dotnet_process_memory_working_set_bytes"] > 0);
    }

    [Theory]
    [InlineData("deploy/prometheus/alerts.yml")]
    [InlineData("deploy/grafana/raftlocks.json")]
    [InlineData("docs/operations.md")]
    public async Task Each_metric_that_is_named_outside_exists(string file)
    {
        await using var node = await SingleNode.StartAsync();
        var scrape = await ScrapeAsync(node);
        var named = Regex
            .Matches(
                await File.ReadAllTextAsync(Path.Combine(Root(), file)),
                @"\b(raftlocks_[a-z_]+|dotnet_[a-z_]+)\b",
                RegexOptions.ExplicitCapture,
                TimeSpan.FromSeconds(5)
            )
            .Select(match => match.Value)
            .Distinct(StringComparer.Ordinal)
            .ToArray();

        // A cluster of one compares itself with nobody, has no certificates, and saves nothing on a schedule.
        string[] ofOthers =
        [
            "raftlocks_backup_age_seconds",
            "raftlocks_backup_failures_total",
            "raftlocks_replica_differs",
            "raftlocks_replica_compared_index",
            "raftlocks_certificate_expires_seconds",
        ];
        Assert.True(named.Length > 10);
        Assert.Empty(named.Except([.. scrape.Names, .. scrape.Types.Keys, .. ofOthers], StringComparer.Ordinal));
    }

    [Fact]
    public async Task Each_metric_is_in_the_docs()
    {
        await using var node = await SingleNode.StartAsync();
        var docs = await File.ReadAllTextAsync(Path.Combine(Root(), "docs/operations.md"));

        Assert.All(
            (await ScrapeAsync(node)).Types.Keys.Where(name => name.StartsWith("raftlocks_", StringComparison.Ordinal)),
            name => Assert.Contains($"`{name}`", docs, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Measuring_allocates_nothing()
    {
        using var meter = new Meter("test");
        using var collector = new MetricsCollector(meter);
        var metrics = new RaftMetrics(meter);
        var machine = new LockStateMachine();
        var events = new EventList();
        Fill(machine, events);
        metrics.Applied(0, events, leads: true);
        metrics.Proposed(1, 1);
        metrics.Committed(TimeSpan.Zero);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            metrics.Proposed(2, 100);
            metrics.Committed(TimeSpan.Zero);
            metrics.Applied(1, events, leads: true);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(1001, metrics.AcquiredAtOnce);
        Assert.Equal(1001, metrics.AcquiredAfterWait);
    }

    [Fact]
    public void A_histogram_puts_each_value_where_it_belongs()
    {
        var counts = new HistogramCounts([1, 2]);
        foreach (var value in new[] { 0, 1, 1.5, 2, 2.5, 100 })
        {
            counts.Record(value);
        }

        Assert.Equal((2, 2, 2), (counts.CountOf(0), counts.CountOf(1), counts.CountOf(2)));
        Assert.Equal(107, counts.Sum);
    }

    [Fact]
    public void Many_who_record_at_once_lose_nothing()
    {
        var counts = new HistogramCounts([1]);
        Parallel.For(
            0,
            4,
            _ =>
            {
                for (var i = 0; i < 10_000; i++)
                {
                    counts.Record(0.5);
                }
            }
        );

        Assert.Equal((40_000, 20_000.0), (counts.CountOf(0), counts.Sum));
    }

    // One entry with all that is measured: a grant at once, a wait, a release, and the grant that it causes.
    private static void Fill(LockStateMachine machine, EventList events)
    {
        var writer = new EntryWriter();
        var builder = new ResourceSetBuilder();
        builder.Begin(Access.Write);
        builder.Segment("a"u8);
        var resources = builder.Build();
        var first = new SessionId(1, Resumable: false);
        writer.Begin(1, 1_000);
        writer.Add(new LockCommand(Encoding.UTF8.GetBytes("n"), first, default, resources, 0));
        writer.Add(
            new LockCommand(Encoding.UTF8.GetBytes("n"), new SessionId(2, Resumable: false), default, resources, 0)
        );
        writer.Add(new ReleaseCommand(Encoding.UTF8.GetBytes("n"), first, default));
        Assert.Equal(ApplyOutcome.Applied, machine.Apply(writer.Complete().Span, 1, 1, events));
        Assert.Equal(4, events.Count);
    }

    private static async Task<Scrape> ScrapeAsync(SingleNode node)
    {
        var answer = await node.Http.GetAsync(new Uri(node.Url, "/metrics"));
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        return new Scrape(await answer.Content.ReadAsStringAsync());
    }

    internal static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "RaftLocks.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("No RaftLocks.sln above the tests.");
        }

        return folder.FullName;
    }
}
