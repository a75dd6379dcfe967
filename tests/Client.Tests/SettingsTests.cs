// Settings and arguments that can't work are refused at the start, by a sentence.
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using RaftLocks.Client.Tests.Scripted;
using RaftLocks.Client.Wire;
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Client.Tests;

public class SettingsTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan TooLong = TimeSpan.FromMilliseconds(int.MaxValue + 1d);

    public static TheoryData<string, Action<RaftLocksOptions>> Wrong =>
        new()
        {
            { "Nodes", options => options.Nodes = [] },
            { "Nodes", options => options.Nodes = null! },
            { "Nodes", options => options.Nodes = [null!] },
            { "Nodes", options => options.Nodes = [new Uri("/relative", UriKind.Relative)] },
            { "Nodes", options => options.Nodes = [new Uri("ftp://a:1")] },
            { "Namespace", options => options.Namespace = "" },
            { "Namespace", options => options.Namespace = null! },
            { "Namespace", options => options.Namespace = "\ud800" },
            { "Namespace", options => options.Namespace = new string('x', 257) },
            { "AbandonTimeout", options => options.AbandonTimeout = TimeSpan.FromDays(8) },
            { "AbandonTimeout", options => options.AbandonTimeout = TimeSpan.MaxValue },
            { "AbandonTimeout", options => options.AbandonTimeout = Timeout.InfiniteTimeSpan },
            { "SafetyMargin", options => options.SafetyMargin = TimeSpan.FromSeconds(31) },
            { "SafetyMargin", options => options.SafetyMargin = TimeSpan.FromTicks(-1) },
            { "ReachTimeout", options => options.ReachTimeout = TimeSpan.Zero },
            { "ReachTimeout", options => options.ReachTimeout = TooLong },
            { "ReachTimeout", options => options.ReachTimeout = TimeSpan.MaxValue },
            { "ReleaseTimeout", options => options.ReleaseTimeout = TooLong },
            { "ReleaseTimeout", options => options.ReleaseTimeout = TimeSpan.MaxValue },
            { "ReleaseTimeout", options => options.ReleaseTimeout = Timeout.InfiniteTimeSpan },
            { "Label", options => options.Label = new string('x', 129) },
            { "Label", options => options.Label = "\udc00" },
            { "Token", options => options.Token = "" },
            { "Token", options => options.Token = "two words" },
            { "Token", options => options.Token = new string('x', 8193) },
            { "MaxLocks", options => options.MaxLocks = 0 },
            { "MaxLocks", options => options.MaxLocks = 1025 },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_can_not_work_is_refused_at_the_start(string setting, Action<RaftLocksOptions> configure)
    {
        var options = new RaftLocksOptions { Nodes = [new Uri("http://a:1")] };
        configure(options);

        Assert.StartsWith(setting, Assert.Single(options.Validate()), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new RaftLocksClient(options));
    }

    [Fact]
    public async Task The_longest_timeouts_that_are_allowed_work()
    {
        var longest = TimeSpan.FromMilliseconds(int.MaxValue);
        await using var client = new ScriptedClient(options =>
        {
            options.ReachTimeout = longest;
            options.ReleaseTimeout = longest;
            options.AbandonTimeout = TimeSpan.FromDays(7);
        });
        var asking = client.Locks.AcquireAsync([Write("a")], longest);
        var wire = await client.AcceptReadyAsync();

        // The cluster counts up to seven days; the rest is the client's.
        Assert.False((await wire.HearAsync("lock")).TryGetProperty("waitTimeoutMs", out _));
        wire.Say(ScriptedWire.Reply("1", 7, "lock", "acquired"));
        var held = await asking;
        var releasing = held.DisposeAsync();
        await wire.ReleaseAsync(7);
        await releasing.AsTask().WaitAsync(Bound);
    }

    [Fact]
    public void Real_timers_take_the_longest_timeouts()
    {
        using var timer = Sessions.SuspendAwareClock.Instance.CreateTimer(
            _ => { },
            null,
            RaftLocksOptions.LongestTimeout,
            Timeout.InfiniteTimeSpan
        );
        Assert.True(timer.Change(RaftLocksOptions.LongestTimeout, Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public async Task Settings_that_are_changed_later_do_not_change_the_client()
    {
        var options = new RaftLocksOptions { Nodes = [new Uri("http://a:1")], Namespace = "one" };
        await using var client = new RaftLocksClient(options);

        options.Namespace = "other";
        options.Nodes.Clear();

        Assert.Equal("one", client.Namespace);
    }

    [Fact]
    public async Task Wrong_arguments_throw_at_the_call_and_not_in_its_task()
    {
        await using var client = new ScriptedClient();
        var locks = client.Locks;

        AtTheCall<ArgumentNullException>(() => locks.AcquireAsync((IReadOnlyCollection<LockResource>)null!));
        AtTheCall<ArgumentException>(() => locks.AcquireAsync([]));
        AtTheCall<ArgumentException>(() => locks.TryAcquireAsync([null!]));
        AtTheCall<ArgumentException>(() => locks.AcquireAsync([.. Enumerable.Repeat(Write("a"), 257)]));
        AtTheCall<ArgumentException>(() =>
            locks.AcquireAsync([.. Enumerable.Range(0, 100).Select(i => Write(new string('x', 1000), $"{i}"))])
        );
        AtTheCall<ArgumentOutOfRangeException>(() => locks.AcquireAsync([Write("a")], TimeSpan.FromSeconds(-2)));
        AtTheCall<ArgumentOutOfRangeException>(() => locks.TryAcquireAsync([Write("a")], TooLong));
        AtTheCall<ArgumentException>(() =>
            locks.AcquireAsync([Write("a")], new LockOptions { Label = new string('x', 129) })
        );
        AtTheCall<ArgumentOutOfRangeException>(() => locks.Semaphore(2, "s").AcquireAsync(TimeSpan.FromSeconds(-2)));
        AtTheCall<ArgumentOutOfRangeException>(() => locks.Semaphore(2, "s").TryAcquireAsync(TooLong));
        Assert.Throws<ArgumentOutOfRangeException>(() => locks.Semaphore(0, "s"));
        Assert.Throws<ArgumentOutOfRangeException>(() => locks.Semaphore(257, "s"));
        AtTheCall<ArgumentNullException>(() => ((IRaftLocksClient)null!).AcquireAsync(Write("a")));
        Assert.Empty(client.Asked);
    }

    [Fact]
    public async Task An_empty_path_is_refused_at_the_call_by_whatever_takes_a_path()
    {
        await using var client = new ScriptedClient();
        var locks = client.Locks;

        Assert.Throws<ArgumentException>(() => Write());
        Assert.Throws<ArgumentException>(() => Read());
        Assert.Throws<ArgumentException>(() => locks.Semaphore(2));
        Assert.Throws<ArgumentException>(() =>
            locks.Semaphore(2, [.. Enumerable.Repeat("s", LockResource.MaxSegments)])
        );
        Assert.Throws<ArgumentException>(() => locks.Election());
        Assert.Empty(client.Asked);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_already_asks_for_nothing()
    {
        await using var client = new ScriptedClient();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        Assert.True(client.Locks.AcquireAsync(Write("a"), cancelled.Token).IsCanceled);
        Assert.True(client.Locks.AcquireAsync(cancelled.Token, Write("a"), Read("b")).IsCanceled);
        Assert.True(client.Locks.AcquireAsync([Write("a")], cancelled.Token).IsCanceled);
        Assert.True(client.Locks.AcquireAsync(Write("a"), Bound, cancelled.Token).IsCanceled);
        Assert.True(client.Locks.TryAcquireAsync(Write("a"), cancelled.Token).IsCanceled);
        Assert.True(client.Locks.TryAcquireAsync(cancelled.Token, Write("a")).IsCanceled);
        Assert.True(client.Locks.TryAcquireAsync([Write("a")], cancelled.Token).IsCanceled);
        Assert.True(client.Locks.TryAcquireAsync(Write("a"), Bound, cancelled.Token).IsCanceled);
        Assert.Empty(client.Asked);
    }

    [Fact]
    public async Task The_handshake_inherits_neither_the_caller_s_activity_nor_what_it_keeps_for_itself()
    {
        var own = new AsyncLocal<string?> { Value = "the caller's" };
        using var activity = new Activity("the caller's").Start();
        var seen = new TaskCompletionSource<(Activity?, string?)>();
        await using var client = new RaftLocksClient(
            new RaftLocksOptions { Nodes = [new Uri("http://a:1")], ReleaseTimeout = TimeSpan.Zero },
            new Connector(() => seen.TrySetResult((Activity.Current, own.Value))),
            new FakeTimeProvider(),
            NullLogger.Instance
        );

        var asking = client.AcquireAsync(Write("a"));

        Assert.Equal((null, null), await seen.Task.WaitAsync(Bound));
        Assert.Same(activity, Activity.Current);
        Assert.False(asking.IsCompleted);
    }

    [Fact]
    public async Task Nodes_are_set_as_one_would_write_it_and_health_checks_may_be_added_twice()
    {
        var collection = new ServiceCollection();
        collection.AddLogging();
        collection.AddRaftLocks(options => options.Nodes = [new("http://127.0.0.1:1"), new("http://127.0.0.1:1")]);
        collection.AddRaftLocks(options => options.Namespace = "twice");
        collection.AddHealthChecks().AddRaftLocks().AddRaftLocks().AddRaftLocks("RaftLocks").AddRaftLocks("other");
        await using var services = collection.BuildServiceProvider();

        var report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        Assert.Equal(["other", "raftlocks"], report.Entries.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(HealthStatus.Unhealthy, report.Status);
        Assert.Equal("twice", services.GetRequiredService<RaftLocksClient>().Namespace);
    }

    [Fact]
    public async Task Wrong_settings_are_told_when_the_host_starts()
    {
        await using var services = new ServiceCollection()
            .AddRaftLocks(options => options.MaxLocks = 0)
            .Services.BuildServiceProvider();

        Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IStartupValidator>().Validate());
    }

    private static void AtTheCall<T>(Func<Task> call)
        where T : Exception =>
        Assert.Throws<T>(() =>
        {
            _ = call();
        });

    private sealed class Connector(Action connects) : IConnector
    {
        public IWire Connect(Uri node, CancellationToken token)
        {
            connects();
            throw new ConnectException("nobody there");
        }
    }
}
