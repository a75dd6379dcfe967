// Channels: locks of one connection that know nothing of each other; and locks that do not wait.
using System.Text;
using RaftLocks.Node.Sessions;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Tests.Sessions;

public class ChannelTests
{
    private readonly LeaderBench bench = new LeaderBench().Lead();

    [Fact]
    public async Task Each_channel_has_a_lock_of_its_own()
    {
        var client = bench.Connect();
        await bench.LockAsync(client);
        await bench.LockAsync(client, channel: "x");
        await bench.LockAsync(client, "b", channel: "y");
        await bench.ReleaseAsync(client);

        Assert.Equal(
            [
                "Acquired 1",
                "Enqueued 2 \"channel\":\"x\",",
                "Acquired 3 \"channel\":\"y\",",
                "Released 1",
                "AcquiredLater 2 \"channel\":\"x\",",
            ],
            client.Heard
        );
        Assert.Equal(2, bench.Sessions.Live);
    }

    [Fact]
    public async Task When_the_connection_ends_all_its_channels_do()
    {
        var client = bench.Connect(abandonTimeoutMs: 100);
        await bench.LockAsync(client);
        await bench.LockAsync(client, "b", channel: "x");
        await bench.LockAsync(client, channel: "waits");

        client.Session.End();
        await bench.ApplyNextAsync();
        Assert.Equal(2, bench.Live);
        bench.Advance(100);
        while (bench.Live > 0)
        {
            await bench.ApplyNextAsync();
        }

        Assert.Equal((0, 0, 0), (bench.Sessions.Live, bench.Sessions.Count, client.Session.Namespace.Waiting));
    }

    [Fact]
    public async Task As_many_as_are_allowed_can_be_in_use_and_what_is_ready_does_not_count()
    {
        var client = bench.Connect();
        for (var i = 0; i < 100; i++)
        {
            await bench.LockAsync(client, $"{i}", channel: $"{i}");
            await bench.ReleaseAsync(client, $"{i}");
        }

        Assert.NotNull(client.Session.Channel("held"u8, 1));
        await bench.LockAsync(client, channel: "held");
        Assert.Null(client.Session.Channel("one too many"u8, 1));
        Assert.NotNull(client.Session.Channel("held"u8, 1));
        Assert.NotNull(client.Session.Channel("second"u8, 2));
        Assert.Same(client.Session.Main, client.Session.Channel(default, 0));
    }

    [Fact]
    public async Task A_lock_that_is_not_to_wait_is_acquired_or_refused_and_blocks_nobody()
    {
        var (holder, hasty, reader) = (bench.Connect(), bench.Connect(), bench.Connect());
        await bench.LockAsync(holder, access: Access.Read, waitLimitMs: 0);
        await bench.LockAsync(hasty, waitLimitMs: 0);
        await bench.LockAsync(reader, access: Access.Read);

        Assert.Equal(["Acquired 1"], holder.Heard);
        Assert.Equal(["Busy 0"], hasty.Heard);
        Assert.Equal(["Acquired 2"], reader.Heard);
        Assert.Equal((2, 0), (bench.Sessions.Live, hasty.Session.Namespace.Waiting));
    }

    [Fact]
    public async Task After_a_busy_answer_the_channel_is_ready()
    {
        var (holder, hasty) = (bench.Connect(), bench.Connect());
        await bench.LockAsync(holder);
        var protocol = hasty.Session.Main.ProtocolState;
        Assert.Null(protocol.Accept(Protocol.ClientAction.Lock));
        await bench.LockAsync(hasty, waitLimitMs: 0);

        Assert.Null(protocol.Accept(Protocol.ClientAction.Lock));
        Assert.NotNull(protocol.Accept(Protocol.ClientAction.Lock));
    }

    [Fact]
    public async Task A_release_that_was_sent_before_the_busy_answer_could_be_known_is_answered_ready()
    {
        var (holder, hasty) = (bench.Connect(), bench.Connect());
        await bench.LockAsync(holder);
        var protocol = hasty.Session.Main.ProtocolState;
        Assert.Null(protocol.Accept(Protocol.ClientAction.Lock));
        await bench.LockAsync(hasty, waitLimitMs: 0);
        Assert.Null(protocol.Accept(Protocol.ClientAction.Release));
        await bench.ReleaseAsync(hasty);

        Assert.Equal(["Busy 0", "Released 0"], hasty.Heard);
        Assert.NotNull(protocol.Accept(Protocol.ClientAction.Release));
    }

    [Fact]
    public async Task Labels_and_marks_reach_the_state()
    {
        var use = bench.Sessions.Namespaces.Connect("n"u8.ToArray());
        var client = new TestClient();
        client.Session = bench.Sessions.Open(use, 60_000, client, new SessionTraits(Label: "build-7"u8.ToArray()));
        await bench.LockAsync(client, mark: "r1");
        Assert.Null(
            await client.Session.ProposeAsync(
                new LockProposal(
                    client.Channel("x"),
                    new ResourceSetBuilder().Begin(Access.Read).Segment("b").Build(),
                    label: "other"u8.ToArray()
                )
            )
        );
        bench.Apply();

        Assert.Equal(
            ("build-7", "r1", ""),
            (Text(bench.Find(1).Label), Text(bench.Find(1).Ref), Text(bench.Find(1).Channel))
        );
        Assert.Equal(
            ("other", "", "x"),
            (Text(bench.Find(2).Label), Text(bench.Find(2).Ref), Text(bench.Find(2).Channel))
        );
    }

    private static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);
}
