// Whatever clients do with connections, they never take more files than they may, and whoever has something to say is
// heard.
using Microsoft.AspNetCore.Connections;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;

namespace RaftLocks.Node.Tests.Http;

public class ConnectionBudgetTests
{
    private const int Some = Limits.ReservedFiles + Limits.MinConnectionsByFiles;

    [Fact]
    public void The_limit_of_open_files_bounds_connections_whatever_the_settings_say()
    {
        var budget = ConnectionBudget.For(Settings(100_000), openFiles: 4096);
        Assert.Equal(4096 - Limits.ReservedFiles, budget.Max);
        Assert.InRange(budget.MaxSessions, budget.Max / 2, budget.Max - Limits.MinSpareConnections);
    }

    [Fact]
    public void With_files_enough_the_setting_counts_and_there_is_room_for_probes()
    {
        var budget = ConnectionBudget.For(Settings(1000), openFiles: int.MaxValue);
        Assert.Equal((1000, 1000 + Limits.SpareConnections), (budget.MaxSessions, budget.Max));
    }

    [Fact]
    public void A_forwarded_connection_counts_twice()
    {
        var settings = Settings(100_000);
        Assert.Equal(
            ConnectionBudget.For(settings, openFiles: 4096).Max / 2,
            ConnectionBudget.For(settings with { FollowerMode = FollowerMode.Proxy }, openFiles: 4096).Max
        );
    }

    [Fact]
    public void With_too_few_files_the_node_says_how_many_it_needs()
    {
        var error = Assert.Throws<IOException>(() => ConnectionBudget.For(Settings(10), openFiles: Some - 1));
        Assert.Contains($"needs {Some} at least", error.Message, StringComparison.Ordinal);
        Assert.Equal(Limits.MinConnectionsByFiles, ConnectionBudget.For(Settings(1000), openFiles: Some).Max);
    }

    [Fact]
    public void A_new_setting_counts_for_those_who_come_later()
    {
        var budget = ConnectionBudget.For(Settings(1000), openFiles: int.MaxValue);

        budget.Resize(10);
        Assert.Equal((10, 1000 + Limits.SpareConnections), (budget.MaxSessions, budget.Max));
        budget.Resize(5000);
        Assert.Equal((5000, 5000 + Limits.SpareConnections), (budget.MaxSessions, budget.Max));
    }

    [Fact]
    public void The_connection_that_was_idle_for_longest_gives_way_and_one_in_a_request_does_not()
    {
        var budget = ConnectionBudget.For(Settings(1000), openFiles: Some);
        var all = Enumerable.Range(0, budget.Max).Select(_ => Connect(budget)).ToList();
        Assert.All(all, connection => Assert.True(budget.TryEnter(connection, out _)));
        Assert.True(budget.TryBegin(all[0]));
        var late = Connect(budget);
        Assert.True(budget.TryEnter(late, out var displaced));
        Assert.Same(all[1], displaced);
        Assert.False(budget.TryBegin(all[1]), "a request of a connection that is being closed is served");
        budget.Leave(all[1]);
        budget.Leave(all[1]);
        Assert.Equal(budget.Max, budget.Open);
        Assert.Equal(1, budget.Refused);
    }

    [Fact]
    public void With_all_in_requests_or_on_their_way_out_a_new_one_is_refused()
    {
        var budget = ConnectionBudget.For(Settings(1000), openFiles: Some);
        var all = Enumerable.Range(0, budget.Max).Select(_ => Connect(budget)).ToList();
        all.ForEach(connection => budget.TryEnter(connection, out _));
        all.Skip(ConnectionBudget.Closing).ToList().ForEach(connection => budget.TryBegin(connection));
        for (var i = 0; i < ConnectionBudget.Closing; i++)
        {
            Assert.True(budget.TryEnter(Connect(budget), out var displaced));
            Assert.Same(all[i], displaced);
        }

        Assert.False(budget.TryEnter(Connect(budget), out _));
        Assert.True(budget.IsClosing);
        Assert.Equal(budget.Max + ConnectionBudget.Closing, budget.Open);
        var left = budget.LeftAsync();
        budget.Leave(all[0]);
        Assert.True(left.IsCompleted);
        budget.End(all[^1]);
        Assert.True(budget.TryEnter(Connect(budget), out var next));
        Assert.NotNull(next);
    }

    [Theory]
    [InlineData("Max open files            1024                 524288               files", 1024)]
    [InlineData("Max open files            unlimited            unlimited            files", int.MaxValue)]
    [InlineData("Max processes             1024                 1024                 processes", int.MaxValue)]
    public void The_limit_is_read_as_the_system_writes_it(string line, int limit) =>
        Assert.Equal(limit, OpenFileLimit.Parse(["Limit  Soft Limit", line]));

    private static BoundedConnection Connect(ConnectionBudget budget) => new(new DefaultConnectionContext(), budget);

    private static NodeSettings Settings(int maxConnections) =>
        new()
        {
            Name = "n1",
            ListenUrls = [],
            DataDirectory = "",
            Members = [new Member("n1", "127.0.0.1", 0, new Uri("http://127.0.0.1:1"), new Uri("http://127.0.0.1:1"))],
            MaxConnections = maxConnections,
        };
}
