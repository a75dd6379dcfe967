// A client ends with no time left: what it sent last arrives, whatever the node was saying meanwhile.
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Client.Tests.Real;

[Collection(OneNodeTests.Name)]
[Trait("Category", "Slow")]
public class EndingTests(OneNode node)
{
    private const int Clients = 60;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("ending-blocks", true)]
    [InlineData("ending", false)]
    public async Task Clients_that_end_with_no_time_left_leave_no_lock_behind(string space, bool blocks)
    {
        // Nothing but the releases can free these locks within the bound.
        var clients = Enumerable
            .Range(0, Clients)
            .Select(_ =>
                node.Client(
                    space,
                    options =>
                    {
                        options.ReleaseTimeout = TimeSpan.Zero;
                        options.AbandonTimeout = TimeSpan.FromHours(1);
                    }
                )
            )
            .ToList();
        await Task.WhenAll(clients.Select((client, i) => client.AcquireAsync(Write($"{i}")))).WaitAsync(Bound);
        Assert.Equal(Clients, await LiveAsync(space));

        foreach (var client in clients)
        {
            // Each ends right after an answer, with others perhaps on their way.
            _ = client.AcquireAsync(Write("ending", "of", "many"));
            if (blocks)
            {
                client.Dispose();
            }
            else
            {
                await client.DisposeAsync();
            }
        }

        await Eventually.HoldsAsync("no lock is left", Bound, async () => await LiveAsync(space) == 0);
    }

    private async Task<int> LiveAsync(string space) =>
        (await node.Node.Http.StatsAsync(space))!.Value.GetProperty("live").GetInt32();
}
