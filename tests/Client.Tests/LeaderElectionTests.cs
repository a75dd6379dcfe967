// The election helper over a client of the test's own: who leads, what ends a leadership, what follows.
using System.Threading.Channels;
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Client.Tests;

public sealed class LeaderElectionTests : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private readonly FakeClient client = new();

    public ValueTask DisposeAsync() => client.DisposeAsync();

    [Fact]
    public async Task The_work_runs_under_the_lock_and_when_it_ends_so_do_the_leadership_and_the_election()
    {
        var held = client.Grant(7);

        await client
            .Election("jobs", "leader")
            .RunAsync(
                (leadership, _) =>
                {
                    Assert.Equal(7UL, leadership.FencingToken);
                    Assert.False(held.IsReleased);
                    return Task.CompletedTask;
                }
            )
            .WaitAsync(Bound);

        Assert.True(held.IsReleased);
        Assert.Equal([Write("jobs", "leader")], Assert.Single(client.Asked));
    }

    [Fact]
    public async Task A_leader_that_loses_the_lock_is_told_and_is_a_candidate_again()
    {
        var first = client.Grant(1);
        client.Grant(2);
        var terms = new List<ulong>();

        await client
            .Election("a")
            .RunAsync(
                async (leadership, token) =>
                {
                    terms.Add(leadership.FencingToken);
                    if (leadership.FencingToken == 1)
                    {
                        first.Lose();
                        await Task.Delay(Timeout.Infinite, token);
                    }
                }
            )
            .WaitAsync(Bound);

        Assert.Equal([1UL, 2UL], terms);
        Assert.True(first.IsReleased);
    }

    [Fact]
    public async Task Work_that_ends_because_it_saw_the_loss_by_itself_does_not_end_the_election()
    {
        var first = client.Grant(1);
        client.Grant(2);
        var terms = new List<ulong>();

        await client
            .Election("a")
            .RunAsync(
                (leadership, _) =>
                {
                    terms.Add(leadership.FencingToken);
                    if (leadership.FencingToken == 1)
                    {
                        first.Lose();
                        throw new LockLostException("noticed", LockLossCause.ClusterSilent);
                    }

                    return Task.CompletedTask;
                }
            )
            .WaitAsync(Bound);

        Assert.Equal([1UL, 2UL], terms);
    }

    [Fact]
    public async Task An_operator_who_asks_for_the_lock_ends_the_leadership_and_the_leader_queues_again()
    {
        var first = client.Grant(1);
        client.Grant(2);
        var terms = new List<ulong>();

        await client
            .Election("a")
            .RunAsync(
                async (leadership, token) =>
                {
                    terms.Add(leadership.FencingToken);
                    if (leadership.FencingToken == 1)
                    {
                        first.RequestRevocation();
                        await Task.Delay(Timeout.Infinite, token);
                    }
                }
            )
            .WaitAsync(Bound);

        Assert.Equal([1UL, 2UL], terms);
        Assert.True(first.IsReleased);
    }

    [Fact]
    public async Task Cancelled_while_it_leads_it_stops_the_work_gives_up_the_lock_and_returns()
    {
        var held = client.Grant(1);
        using var stop = new CancellationTokenSource();

        await client
            .Election("a")
            .RunAsync(
                async (_, token) =>
                {
                    await stop.CancelAsync();
                    await Task.Delay(Timeout.Infinite, token);
                },
                cancellationToken: stop.Token
            )
            .WaitAsync(Bound);

        Assert.True(held.IsReleased);
    }

    [Fact]
    public async Task Cancelled_while_it_is_a_candidate_it_returns_without_having_led()
    {
        using var stop = new CancellationTokenSource();
        var running = client
            .Election("a")
            .RunAsync((_, _) => throw new InvalidOperationException("never elected"), cancellationToken: stop.Token);

        await stop.CancelAsync();

        await running.WaitAsync(Bound);
    }

    [Fact]
    public async Task An_exception_of_the_work_gives_up_the_leadership_and_reaches_the_caller()
    {
        var held = client.Grant(1);

        await Assert.ThrowsAsync<FormatException>(() =>
            client.Election("a").RunAsync((_, _) => throw new FormatException()).WaitAsync(Bound)
        );

        Assert.True(held.IsReleased);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_candidate_outlives_a_cluster_that_is_away_and_an_operator_who_ends_its_wait(bool isAway)
    {
        client.Fail(isAway ? new ClusterUnreachableException("nobody") : new LockRevokedException("ended"));
        client.Grant(5);

        await client
            .Election("a")
            .RunAsync(
                (leadership, _) =>
                {
                    Assert.Equal(5UL, leadership.FencingToken);
                    return Task.CompletedTask;
                }
            )
            .WaitAsync(Bound);

        Assert.Equal(2, client.Asked.Count);
    }

    [Fact]
    public async Task A_refusal_that_no_waiting_mends_reaches_the_caller()
    {
        client.Fail(new LockRefusedException("no such namespace", RefusalReason.ClientRefused));

        await Assert.ThrowsAsync<LockRefusedException>(() =>
            client.Election("a").RunAsync((_, _) => Task.CompletedTask).WaitAsync(Bound)
        );
    }

    [Fact]
    public void Wrong_arguments_throw_at_the_call()
    {
        Assert.Throws<ArgumentNullException>(() =>
        {
            _ = client.Election("a").RunAsync(null!);
        });
        Assert.Throws<ArgumentException>(() =>
        {
            _ = client
                .Election("a")
                .RunAsync((_, _) => Task.CompletedTask, new LockOptions { Timeout = TimeSpan.FromSeconds(1) });
        });
        Assert.Throws<ArgumentException>(() => client.Election());
    }

    private sealed class FakeClient : IRaftLocksClient
    {
        private readonly Channel<Func<Task<IHeldLock>>> answers = Channel.CreateUnbounded<Func<Task<IHeldLock>>>();

        public List<IReadOnlyCollection<LockResource>> Asked { get; } = [];

        public FakeLock Grant(ulong token)
        {
            var held = new FakeLock(token);
            answers.Writer.TryWrite(() => Task.FromResult<IHeldLock>(held));
            return held;
        }

        public void Fail(Exception with) => answers.Writer.TryWrite(() => Task.FromException<IHeldLock>(with));

        public async Task<IHeldLock> AcquireAsync(
            IReadOnlyCollection<LockResource> resources,
            LockOptions? options = null,
            CancellationToken cancellationToken = default
        )
        {
            Asked.Add(resources);
            return await (await answers.Reader.ReadAsync(cancellationToken))();
        }

        public Task<IHeldLock?> TryAcquireAsync(
            IReadOnlyCollection<LockResource> resources,
            LockOptions? options = null,
            CancellationToken cancellationToken = default
        ) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class FakeLock(ulong token) : IHeldLock
    {
        private readonly CancellationTokenSource lost = new();
        private readonly CancellationTokenSource asked = new();

        public ulong FencingToken => token;

        public IReadOnlyList<LockResource> Resources => [];

        public CancellationToken Lost => lost.Token;

        public bool IsLost => lost.IsCancellationRequested;

        public LockLossCause LossCause => IsLost ? LockLossCause.ClusterSilent : LockLossCause.None;

        public string? LossReason => IsLost ? "lost" : null;

        public CancellationToken RevocationRequested => asked.Token;

        public string? RevocationReason => null;

        public bool IsReleased { get; private set; }

        public void Lose() => lost.Cancel();

        public void RequestRevocation() => asked.Cancel();

        public Task DowngradeAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        public void Dispose() => IsReleased = true;

        public ValueTask DisposeAsync()
        {
            IsReleased = true;
            return ValueTask.CompletedTask;
        }
    }
}
