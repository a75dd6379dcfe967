// What a request is said to take of a node's memory, against what it takes; and the sums of it, against a recount.
using System.Text;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Sessions;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Tests.Sessions;

public class FootprintTests
{
    private static readonly NodeSettings Settings = new()
    {
        Name = "n1",
        ListenUrls = [],
        DataDirectory = "",
        Members = [],
    };

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [InlineData(1, 1, 1, false)]
    [InlineData(1, 3, 8, false)]
    [InlineData(4, 64, 1, false)]
    [InlineData(250, 60, 1, false)]
    [InlineData(250, 60, 1, true)]
    [InlineData(16, 4, 900, false)]
    [InlineData(60, 2, 900, true)]
    public void It_is_near_what_the_state_takes(int resources, int depth, int segmentBytes, bool sharesPrefix)
    {
        // The second half of the requests, so that what is allocated once is there, and tables have grown.
        const int Bytes = 16 << 20;
        var set = Resources(resources, depth, segmentBytes, sharesPrefix);
        var one = Footprint.BytesOf(textBytes: 0, set);
        var count = (int)Math.Max(16, Bytes / one);
        var bench = new Bench();
        var entries = Enumerable.Range(0, 2 * count).Select(i => bench.Write($"n{i}", 1, "", set, "")).ToArray();
        Array.ForEach(entries[..count], bench.Apply);
        var later = entries[count..];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Array.ForEach(later, bench.Apply);

        var taken = (GC.GetAllocatedBytesForCurrentThread() - before) / count;
        Assert.True(taken < 1.5 * one && taken > 0.5 * one, $"{taken} bytes are taken, {one} are counted");
    }

    [Fact]
    public void What_paths_have_in_common_is_counted_once_where_they_stand_beside_each_other()
    {
        var apart = Footprint.BytesOf(0, Resources(100, 10, 8, sharesPrefix: false));
        var together = Footprint.BytesOf(0, Resources(100, 10, 8, sharesPrefix: true));

        Assert.True(together * 4 < apart, $"{together}, {apart}");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_sums_are_those_of_a_recount_whatever_happens(int seed)
    {
        var random = new Random(seed);
        var bench = new Bench();
        var counted = new Footprints();
        for (var step = 0; step < 400; step++)
        {
            var (space, session) = ($"n{random.Next(3)}", (UInt128)random.Next(8));
            var principal = random.Next(3) is > 0 and var number ? $"p{number}" : "";
            var channel = new string('c', random.Next(2));
            switch (random.Next(6))
            {
                case 0 or 1 or 2:
                    // Who asked may be known only when the command is written.
                    var set = Resources(random.Next(1, 4), random.Next(1, 5), random.Next(1, 9), random.Next(2) == 0);
                    var asked = new Footprint(
                        session,
                        Utf8(space),
                        Utf8(random.Next(2) == 0 ? principal : ""),
                        Footprint.BytesOf(channel.Length, set)
                    );
                    Footprint? reserved = random.Next(4) > 0 ? asked : null;
                    Assert.Null(reserved is null ? null : counted.TryReserve(asked, Settings));
                    var begun = random.Next(5) > 0 ? bench.Lock(space, session, channel, set, principal) : null;
                    Assert.True(begun is null || Footprint.Of(begun).Bytes == asked.Bytes);
                    counted.Complete(reserved, begun);
                    break;
                case 3 or 4 when bench.Release(space, session, channel) is { } ended:
                    counted.Remove(ended);
                    break;
                case 5 when bench.Live is { Length: > 0 } live && live[random.Next(live.Length)] is var held:
                    var before = Footprint.Of(held);
                    bench.Downgrade(held);
                    Assert.Equal(before.Bytes, Footprint.Of(held).Bytes);
                    break;
            }

            if (random.Next(40) == 0)
            {
                counted = new Footprints();
                Array.ForEach(bench.Live, counted.Adopt);
            }

            Recount(bench.Live, counted);
        }

        foreach (var left in bench.Live)
        {
            bench.Release(Text(left.Namespace), left.Session.Value, Text(left.Channel));
            counted.Remove(left);
        }

        Assert.All(Enum.GetValues<Budget>(), budget => Assert.Equal(0, counted.Fullest(budget)));
    }

    [Theory]
    [InlineData(Budget.Request)]
    [InlineData(Budget.Session)]
    [InlineData(Budget.Namespace)]
    [InlineData(Budget.Principal)]
    [InlineData(Budget.Cluster)]
    internal void Each_budget_counts_what_is_on_its_way_and_is_full_for_nobody_else(Budget budget)
    {
        var large = Settings with { MaxRequestKb = int.MaxValue };
        var settings = budget switch
        {
            Budget.Request => Settings with { MaxRequestKb = 16 },
            Budget.Session => large with { MaxSessionMb = 1 },
            Budget.Namespace => large with { MaxNamespaceMb = 1 },
            Budget.Principal => large with { MaxPrincipalMb = 1 },
            Budget.Cluster => large with { MaxLiveMb = 1 },
        };
        var counted = new Footprints();
        var bytes = Footprints.LimitOf(budget, settings);
        var most = Of(1, "n", "p", bytes);
        Assert.Equal(budget, counted.TryReserve(most with { Bytes = bytes + 1 }, settings));
        Assert.Null(counted.TryReserve(most, settings));
        var next = Of(2, "other", "another", 1);
        next = budget switch
        {
            Budget.Session => next with { Session = 1 },
            Budget.Namespace => next with { Namespace = most.Namespace },
            Budget.Principal => next with { Principal = most.Principal },
            Budget.Request => next with { Bytes = bytes + 1 },
            Budget.Cluster => next,
        };
        Assert.Equal(budget, counted.TryReserve(next, settings));
        if (budget is not (Budget.Request or Budget.Cluster))
        {
            Assert.Null(counted.TryReserve(Of(3, "third", "", bytes), settings));
        }

        counted.Complete(most, begun: null);

        Assert.Equal(budget == Budget.Request ? budget : null, counted.TryReserve(next, settings));
    }

    [Fact]
    public async Task A_new_leader_knows_the_sums_at_once()
    {
        var bench = new LeaderBench().Lead();
        var (holder, other) = (bench.Connect(), await bench.ResumeAsync());
        await bench.LockAsync(holder, "a");
        await bench.LockAsync(other, "a", mark: "later");
        var before = bench.Sessions.Footprints.LiveBytes;
        Assert.Equal(bench.LiveRequests.Sum(request => Footprint.Of(request).Bytes), before);

        bench.Lose();
        bench.Lead();

        Assert.Equal(before, bench.Sessions.Footprints.LiveBytes);
        var waits = Footprint.Of(bench.Find(2));
        Assert.Equal((waits.Bytes, before, 0), bench.Sessions.Footprints.SumsOf(waits));
    }

    private static Footprint Of(int session, string space, string principal, long bytes) =>
        new((UInt128)session, Utf8(space), Utf8(principal), bytes);

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static void Recount(LockRequest[] live, Footprints counted)
    {
        Assert.Equal(live.Sum(Bytes), counted.LiveBytes);
        Assert.Equal(live.Sum(Bytes), counted.Fullest(Budget.Cluster));
        foreach (var request in live)
        {
            var principal = Text(request.Principal);
            Assert.Equal(
                (
                    live.Where(other => other.Session == request.Session).Sum(Bytes),
                    live.Where(other => Text(other.Namespace) == Text(request.Namespace)).Sum(Bytes),
                    principal.Length == 0 ? 0 : live.Where(other => Text(other.Principal) == principal).Sum(Bytes)
                ),
                counted.SumsOf(Footprint.Of(request))
            );
        }
    }

    // A request's footprint, computed from its text.
    private static long Bytes(LockRequest request)
    {
        var nodes = 1;
        string[] before = [];
        foreach (var resource in request.Resources.ToString().Split(", "))
        {
            var path = resource.Split(' ')[1].Split('/');
            nodes += path.Length - path.Zip(before).TakeWhile(pair => pair.First == pair.Second).Count();
            before = path;
        }

        return 640 + request.Channel.Length + (2 * request.Resources.Bytes.Length) + (300 * nodes);
    }

    private static ResourceSet Resources(int count, int depth, int segmentBytes, bool sharesPrefix)
    {
        var builder = new ResourceSetBuilder();
        for (var i = 0; i < count; i++)
        {
            builder.Begin(Access.Write);
            for (var j = 0; j < depth; j++)
            {
                var isOwn = sharesPrefix ? j == depth - 1 : j == 0;
                builder.Segment((isOwn ? $"{i}" : "").PadLeft(segmentBytes, 'x'));
            }
        }

        return builder.Build();
    }

    /// <summary>A state machine without Raft.</summary>
    private sealed class Bench
    {
        private readonly LockStateMachine machine = new();
        private readonly EntryWriter writer = new();
        private readonly EventList events = new();
        private UInt128 batch;

        public Bench() => Apply(Write(() => writer.Add(new RaiseFeatureLevelCommand(Versions.SupportedFeatureLevel))));

        /// <summary>All that is live.</summary>
        public LockRequest[] Live => machine.LiveRequests;

        /// <summary>The entry with a lock.</summary>
        public byte[] Write(string space, UInt128 session, string channel, ResourceSet set, string principal) =>
            Write(() =>
                writer.Add(
                    new LockCommand(
                        Utf8(space),
                        new SessionId(session, Resumable: false),
                        Utf8(channel),
                        set,
                        AbandonTimeoutMs: 1,
                        Principal: Utf8(principal)
                    )
                )
            );

        public void Apply(byte[] entry) =>
            Assert.Equal(ApplyOutcome.Applied, machine.Apply(entry, machine.AppliedIndex + 1, term: 1, events));

        public LockRequest? Lock(string space, UInt128 session, string channel, ResourceSet set, string principal)
        {
            Apply(Write(space, session, channel, set, principal));
            return events[0].Kind == EventKind.Rejected ? null : events[0].Request;
        }

        public LockRequest? Release(string space, UInt128 session, string channel)
        {
            var command = new ReleaseCommand(Utf8(space), new SessionId(session, Resumable: false), Utf8(channel));
            Apply(Write(() => writer.Add(command)));
            return events[0].Kind == EventKind.Rejected ? null : events[0].Request;
        }

        public void Downgrade(LockRequest request) =>
            Apply(Write(() => writer.Add(new DowngradeCommand(request.Namespace, request.Id))));

        private byte[] Write(Action add)
        {
            writer.Begin(++batch, 0);
            add();
            return writer.Complete().ToArray();
        }
    }
}
