// A member that accepts connections and never answers does not keep the others from electing.
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using RaftLocks.Node.Raft;
using Xunit.Abstractions;

namespace RaftLocks.Node.Tests.Raft;

[Trait("Category", "Slow")]
public sealed class SilentMemberTests(ITestOutputHelper output)
{
    // A request to a silent member takes 5 s to fail, and an election asks twice.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public async Task A_leader_that_has_gone_silent_is_replaced_within_seconds(int initialMembers)
    {
        using var logs = new OutputLoggers(output);
        var networks = Enumerable
            .Range(1, initialMembers)
            .ToDictionary(number => $"n{number}", _ => new SilentNetwork());
        await using var cluster = new InProcessCluster(
            initialMembers: initialMembers,
            change: options => options with { Network = networks[options.Name] }
        )
        {
            Loggers = logs,
        };
        await cluster.StartAllAsync();
        var leader = await cluster.LeaderAsync();
        await InProcessCluster.LockAsync(leader, 1, 1);

        // Nothing comes from it any more, and whoever asks it waits.
        foreach (var (name, network) in networks)
        {
            leader
                .Members.Where(member => (member.Name == leader.Status.Name) != (name == leader.Status.Name))
                .ToList()
                .ForEach(member => network.Silence(member.RaftEndPoint));
        }

        var since = Stopwatch.GetTimestamp();
        await InProcessCluster.UntilAsync(
            () => cluster.Running.Any(node => node != leader && node.Current is not null),
            "no other leader"
        );
        var took = Stopwatch.GetElapsedTime(since);
        output.WriteLine($"{took.TotalMilliseconds:F0} ms");
        Assert.InRange(took, TimeSpan.Zero, Bound);
    }

    [Fact]
    public async Task A_silent_member_is_removed_and_another_is_added_within_seconds()
    {
        var networks = Enumerable.Range(1, 4).ToDictionary(number => $"n{number}", _ => new SilentNetwork());
        await using var cluster = new InProcessCluster(
            spareNodes: 1,
            change: options => options with { Network = networks[options.Name] }
        );
        await cluster.StartKnowingEachOtherAsync();
        var leader = await cluster.LeaderAsync();
        var silent = cluster.Running.First(node => node != leader);
        var name = silent.Status.Name;
        foreach (var (from, network) in networks)
        {
            leader
                .Members.Where(member => (member.Name == name) != (from == name))
                .ToList()
                .ForEach(member => network.Silence(member.RaftEndPoint));
        }

        var added = await cluster.StartJoiningAsync(3);
        var since = Stopwatch.GetTimestamp();
        Assert.True(
            await leader
                .RemoveMemberAsync(leader.Members.First(member => member.Name == name), CancellationToken.None)
                .WaitAsync(Bound)
        );
        var removed = Stopwatch.GetElapsedTime(since);
        Assert.True(await leader.AddMemberAsync(cluster.AsMember(3), CancellationToken.None).WaitAsync(Bound));
        output.WriteLine(
            $"removed after {removed.TotalMilliseconds:F0} ms, added after "
                + $"{Stopwatch.GetElapsedTime(since).TotalMilliseconds:F0} ms"
        );
        Assert.Equal(
            "Acquired",
            await (await InProcessCluster.LockAsync(leader, firstSession: 1, count: 1))[0].Outcome
        );
        await InProcessCluster.UntilAsync(
            () => added.Read(machine => machine.LiveCount) == 1,
            "the new member does not follow"
        );
        Assert.All(cluster.Running, node => Assert.False(node.Fatal.IsCompleted));
    }

    [Fact]
    public async Task Whom_the_leader_is_adding_is_known_for_as_long_as_it_takes()
    {
        var networks = Enumerable.Range(1, 4).ToDictionary(number => $"n{number}", _ => new SilentNetwork());
        await using var cluster = new InProcessCluster(
            spareNodes: 1,
            change: options => options with { Network = networks[options.Name] }
        );
        await cluster.StartAllAsync();
        var leader = await cluster.LeaderAsync();
        await cluster.StartJoiningAsync(3);
        var added = cluster.AsMember(3);
        networks[leader.Status.Name].Silence(added.RaftEndPoint);
        Assert.Null(leader.AddingMember);

        using var enough = new CancellationTokenSource();
        var adding = leader.AddMemberAsync(added, enough.Token);
        await InProcessCluster.UntilAsync(() => leader.AddingMember?.Name == "n4", "it adds nobody");
        await enough.CancelAsync();
        await InProcessCluster.UntilAsync(() => adding.IsCompleted, "it goes on");

        Assert.Null(leader.AddingMember);
    }

    private sealed class OutputLoggers(ITestOutputHelper output) : ILoggerFactory, ILogger
    {
        private readonly Lock gate = new();

        public void AddProvider(ILoggerProvider provider) { }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            lock (gate)
            {
                output.WriteLine(
                    $"{DateTime.UtcNow:HH:mm:ss.fff} {eventId.Id} {formatter(state, exception)} "
                        + $"{exception?.GetType().Name} {exception?.InnerException?.Message}"
                );
            }
        }

        public void Dispose() { }
    }
}
