// Random schedules of clients that come, lock, wait, go, come back and evict each other, and of leaders that change.
// Whenever all is settled, what each connected client was told is the truth.
using System.Text.Json;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Sessions;
using RaftLocks.Protocol;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Tests.Sessions;

public class SessionScheduleTests
{
    private const int Steps = 200;
    private static readonly TimeSpan WaitBound = TimeSpan.FromSeconds(30);
    private static readonly NodeSettings Settings = new()
    {
        Name = "n1",
        ListenUrls = [],
        DataDirectory = "",
        Members = [],
    };
    private static readonly string[] Channels = ["", "x"];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task What_clients_were_told_is_the_truth(int seed)
    {
        var run = new Run(seed);
        for (var step = 0; step < Steps; step++)
        {
            await run.StepAsync();
        }

        await run.EndAsync();
    }

    private sealed class Run(int seed)
    {
        private readonly Random random = new(seed);
        private readonly LeaderBench bench = new LeaderBench().Lead();
        private readonly List<TestClient> clients = [];
        private readonly List<Task> downgrades = [];

        public async Task StepAsync()
        {
            var client = clients.Count == 0 ? null : clients[random.Next(clients.Count)];
            switch (random.Next(12))
            {
                case 0 or 1:
                    clients.Add(bench.Arrive($"token {random.Next(3)}", random.Next(3) * 50));
                    break;
                case 2 when client is not null:
                    client.Session.End();
                    clients.Remove(client);
                    break;
                case 3 or 4 or 5 when client is not null:
                    await SayAsync(client, ClientAction.Lock);
                    break;
                case 6 or 7 when client is not null:
                    await SayAsync(client, ClientAction.Release);
                    break;
                case 8 when client is not null:
                    await SayAsync(client, ClientAction.Downgrade);
                    break;
                case 9:
                    bench.Advance(random.Next(60));
                    break;
                case 10 when random.Next(10) == 0:
                    bench.Lose();
                    clients.Clear();
                    bench.Lead();
                    break;
                default:
                    await SettleAsync();
                    Check();
                    break;
            }
        }

        public async Task EndAsync()
        {
            await SettleAsync();
            Check();
            foreach (var client in clients)
            {
                client.Session.End();
            }

            bench.Advance(10_000);

            // One that went while it took over does so on a thread of its own, and goes only then.
            await Eventually.HoldsAsync(() =>
                Task.FromResult(bench.Apply() >= 0 && bench.Live == 0 && bench.Sessions.Count == 0)
            );
            CheckFootprints();
            Assert.Equal(
                (0, 0, 0),
                (bench.Sessions.Live, bench.Sessions.Count, bench.Sessions.Namespaces.Get("n"u8.ToArray()).Waiting)
            );
        }

        private async Task SayAsync(TestClient client, ClientAction action)
        {
            if (!client.Resumed.IsCompletedSuccessfully || !await client.Resumed || client.Last is not null)
            {
                return;
            }

            // A lock on the main channel that waits for others, and one on another that may not wait long.
            var channel = client.Channel(Channels[random.Next(2)]);
            if (channel.ProtocolState.Accept(action) is not null)
            {
                return;
            }

            if (action == ClientAction.Downgrade)
            {
                downgrades.Add(client.Session.DowngradeAsync(channel).AsTask());
                return;
            }

            var resources = new ResourceSetBuilder()
                .Begin((Access)random.Next(1, 3))
                .Segment($"{random.Next(2)}")
                .Segment(new string('x', random.Next(100)))
                .Build();
            var limitMs = channel == client.Session.Main ? -1 : random.Next(2) * 30;
            SessionCommand command = new ReleaseProposal(channel);
            if (action == ClientAction.Lock)
            {
                var asked = new LockProposal(channel, resources, limitMs);
                Assert.Null(asked.Reserve(Settings));
                command = asked;
            }

            await client.Session.ProposeAsync(command);
        }

        private async Task SettleAsync()
        {
            var arrivals = Task.WhenAll(clients.Select(client => client.Resumed));
            var all = Task.WhenAll(downgrades.Append(arrivals));
            await Eventually.HoldsAsync(() =>
            {
                bench.Apply();
                return Task.FromResult(all.IsCompleted);
            });
            downgrades.Clear();

            // A downgrade that had waited for its lock's answer.
            bench.Apply();
            await Task.WhenAll(clients.Select(client => client.HearAllAsync())).WaitAsync(WaitBound);
            clients.RemoveAll(client => client.Last is not null);
        }

        private void Check()
        {
            Assert.Equal(bench.Live, bench.Sessions.Live);
            CheckFootprints();
            foreach (var client in clients)
            {
                foreach (var name in Channels)
                {
                    var truth = bench.Find(client.Session.Id, name) is { } live
                        ? $"{(live.IsAcquired ? "acquired" : "enqueued")} {live.Id}"
                        : "ready";
                    Assert.Equal((seed, truth), (seed, Told(client, name)));
                }
            }
        }

        // Nothing is on its way: what is counted is what is live.
        private void CheckFootprints()
        {
            var live = bench.LiveRequests.Select(Footprint.Of).ToArray();
            var counted = bench.Sessions.Footprints;
            var whole = live.Sum(one => one.Bytes);
            Assert.Equal((seed, whole), (seed, counted.LiveBytes));
            Assert.Equal((seed, whole), (seed, counted.Fullest(Budget.Cluster)));
            Assert.Equal((seed, whole), (seed, counted.Fullest(Budget.Namespace)));
            var ofSessions = live.GroupBy(one => one.Session, one => one.Bytes);
            Assert.Equal(
                (seed, ofSessions.Select(session => session.Sum()).DefaultIfEmpty().Max()),
                (seed, counted.Fullest(Budget.Session))
            );
        }

        // What a client makes of all that it heard.
        private static string Told(TestClient client, string channel)
        {
            var state = "ready";
            foreach (var text in client.Heard)
            {
                if (text.StartsWith('{'))
                {
                    using var json = JsonDocument.Parse(text);
                    var told = json.RootElement;
                    if (
                        (told.TryGetProperty("channel", out var named) ? named.GetString() : "") == channel
                        && told.GetProperty("state").GetString() is var stands
                        && stands != "ready"
                    )
                    {
                        state = $"{stands} {told.GetProperty("id").GetString()}";
                    }
                }
                else if (text.Contains("channel", StringComparison.Ordinal) == (channel.Length > 0))
                {
                    var words = text.Split(' ');
                    state = Enum.Parse<ReplyKind>(words[0]) switch
                    {
                        ReplyKind.Enqueued => $"enqueued {words[1]}",
                        ReplyKind.Acquired or ReplyKind.AcquiredLater or ReplyKind.Downgraded => $"acquired {words[1]}",
                        _ => "ready",
                    };
                }
            }

            return state;
        }
    }
}
