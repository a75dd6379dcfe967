using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using Xunit.Abstractions;

namespace RaftLocks.Cluster.Tests;

// Sessions with a token, with real processes: what was held is held, and who waited has its place, after the leader was
// killed with -9, and after all nodes were. On a busy machine leadership may change once more at any time; then the
// sessions simply come back once more.

public sealed class ResumeTests(ITestOutputHelper output) : ClusterTest(output)
{
    [Fact]
    public async Task A_killed_leader_takes_neither_the_lock_nor_the_place_in_the_queue()
    {
        var cluster = await StartAsync(3);
        var sessions = await QueueUpAsync(cluster);

        await (await cluster.LeaderAsync()).KillAsync();

        await LeaveInOrderAsync(sessions);
    }

    [Fact]
    public async Task A_restart_of_all_nodes_takes_neither_the_lock_nor_the_place_in_the_queue()
    {
        var cluster = await StartAsync(3);
        var sessions = await QueueUpAsync(cluster);

        await Task.WhenAll(cluster.Nodes.Select(node => node.KillAsync()));
        await Task.WhenAll(sessions.Select(session => session.Client!.Ended));
        await cluster.StartAsync();

        await LeaveInOrderAsync(sessions);
    }

    private async Task<Returning[]> QueueUpAsync(LocalCluster cluster)
    {
        var sessions = Enumerable
            .Range(1, 3)
            .Select(i => Own(new Returning(cluster, $"session-{i}-0123456789")))
            .ToArray();
        foreach (var session in sessions)
        {
            await session.StandsAsync("ready");
            await session.Client!.SendAsync(
                """{"action":"lock","resources":[{"type":"write","path":["a"]}],"ref":"mine"}"""
            );
            await session.StandsAsync(session == sessions[0] ? "acquired" : "enqueued");
            Assert.Equal($"{Array.IndexOf(sessions, session) + 1}", session.Id);
        }

        return sessions;
    }

    private static async Task LeaveInOrderAsync(Returning[] sessions)
    {
        // The last in line comes back first: its place does not depend on that.
        foreach (var session in sessions.Reverse())
        {
            await session.ComeBackAsync();
            Assert.Equal((session == sessions[0] ? "acquired" : "enqueued", "mine"), (session.State, session.Mark));
        }

        for (var i = 0; i < sessions.Length; i++)
        {
            await sessions[i].StandsAsync("acquired");
            Assert.All(sessions[(i + 1)..], younger => Assert.Equal("enqueued", younger.State));
            Assert.Equal($"{i + 1}", sessions[i].Id);
            await sessions[i].ReleaseAsync();
        }
    }

    private sealed class Returning(LocalCluster cluster, string token) : IAsyncDisposable
    {
        private const long AbandonTimeoutMs = 120_000;

        public SessionClient? Client { get; private set; }

        public string State { get; private set; } = "";

        public string? Id { get; private set; }

        public string? Mark { get; private set; }

        public async Task ComeBackAsync()
        {
            if (Client is not null)
            {
                await Client.DisposeAsync();
            }

            (Client, State) = (null, "");
            while (Client is null)
            {
                await HearAsync();
            }
        }

        public async Task StandsAsync(string state)
        {
            while (State != state)
            {
                await HearAsync();
            }
        }

        public async Task ReleaseAsync()
        {
            while (State != "ready")
            {
                if (Client is { HasEnded: false })
                {
                    try
                    {
                        await Client.SendAsync("""{"action":"release"}""");
                    }
                    catch (WebSocketException)
                    {
                        // The connection is gone, which the next look tells too.
                    }
                }

                await HearAsync();
            }
        }

        public ValueTask DisposeAsync() => Client?.DisposeAsync() ?? ValueTask.CompletedTask;

        // One message: the next, or the first of a new connection when the old one has ended.
        private async Task HearAsync()
        {
            try
            {
                JsonElement message;
                if (Client is null || Client.HasEnded)
                {
                    (Client, message) = await SessionClient.ConnectAsync(cluster, "resume", token, AbandonTimeoutMs);
                    Mark = message.TryGetProperty("ref", out var mark) ? mark.GetString() : null;
                }
                else
                {
                    message = await Client.NextAsync();
                }

                State = message.GetProperty("state").GetString()!;
                Id = message.TryGetProperty("id", out var id) ? id.GetString() : Id;
            }
            catch (ChannelClosedException)
            {
                // It ended before it was told where it stands.
                Client = null;
            }
        }
    }
}
