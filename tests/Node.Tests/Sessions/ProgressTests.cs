// A waiter that is told about its place in line: on change, at most once a second, never after the grant.
using RaftLocks.Node.Sessions;
using RaftLocks.Node.Sessions.Wire;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Tests.Sessions;

public class ProgressTests
{
    private readonly LeaderBench bench = new LeaderBench().Lead();

    [Fact]
    public async Task It_is_told_within_a_second_and_then_when_something_changes()
    {
        var (holder, first, waiter) = (bench.Connect(), bench.Connect(), await bench.ResumeAsync(hearsProgress: true));
        await bench.LockAsync(holder);
        await bench.LockAsync(first);
        await bench.LockAsync(waiter);
        Assert.Equal("Enqueued 3", waiter.Heard[^1]);

        bench.Advance(1_000);
        Assert.Equal(
            """{"id":"3","action":"progress","state":"enqueued","place":2,"blocker":{"id":"1","state":"acquired","sinceMs":1000}}""",
            waiter.Heard[^1]
        );
        var heard = waiter.Heard.Count;
        bench.Advance(10_000);
        Assert.Equal(heard, waiter.Heard.Count);

        await bench.ReleaseAsync(holder);
        bench.Advance(1_000);
        Assert.Equal(
            """{"id":"3","action":"progress","state":"enqueued","place":1,"blocker":{"id":"2","state":"acquired","sinceMs":1000}}""",
            waiter.Heard[^1]
        );
        await bench.ReleaseAsync(first);
        bench.Advance(2_000);
        Assert.Equal("AcquiredLater 3", waiter.Heard[^1]);
        Assert.Equal(0, bench.Sessions.Positions.Count);
        Assert.Equal(["Acquired 1", "Released 1"], holder.Heard);
    }

    [Fact]
    public async Task Changes_within_a_second_are_told_as_one()
    {
        var holders = Enumerable.Range(0, 5).Select(_ => bench.Connect()).ToArray();
        foreach (var holder in holders)
        {
            await bench.LockAsync(holder);
        }

        var waiter = await bench.ResumeAsync(hearsProgress: true);
        await bench.LockAsync(waiter, channel: "x");
        foreach (var holder in holders[..4])
        {
            await bench.ReleaseAsync(holder);
            bench.Advance(200);
        }

        bench.Advance(200);

        var told = Assert.Single(waiter.Heard, text => text.Contains("progress", StringComparison.Ordinal));
        Assert.StartsWith(
            """{"channel":"x","id":"6","action":"progress","state":"enqueued","place":1,""",
            told,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_resumed_waiter_hears_of_it_again_and_the_old_connection_no_more()
    {
        var (holder, waiter) = (bench.Connect(), await bench.ResumeAsync(hearsProgress: true));
        await bench.LockAsync(holder);
        await bench.LockAsync(waiter);
        bench.Advance(1_000);
        var heard = waiter.Heard.Count;

        var back = await bench.ResumeAsync(hearsProgress: true);
        bench.Advance(1_000);

        Assert.Equal(heard, waiter.Heard.Count);
        Assert.Contains("\"place\":1", back.Heard[^1], StringComparison.Ordinal);
        Assert.Equal(1, bench.Sessions.Positions.Count);
        back.Session.End();
        bench.Advance(1_000);
        Assert.Equal(0, bench.Sessions.Positions.Count);
    }

    [Fact]
    public async Task Who_did_not_ask_hears_nothing()
    {
        var (holder, plain, extended) = (bench.Connect(), bench.Connect(), await bench.ResumeAsync());
        await bench.LockAsync(holder);
        await bench.LockAsync(plain);
        await bench.LockAsync(extended);
        bench.Advance(5_000);

        Assert.Equal(["Enqueued 2"], plain.Heard);
        Assert.Equal("Enqueued 3", extended.Heard[^1]);
    }

    [Fact]
    public void In_the_outbox_of_a_slow_reader_the_newest_takes_the_older_ones_place()
    {
        var outbox = new Outbox();
        outbox.Add(new SessionReply(1, ReplyKind.Enqueued));
        for (var i = 0; i < 1_000; i++)
        {
            outbox.Add(new SessionReply(1, ReplyKind.Progress, [(byte)i]));
            outbox.Add(new SessionReply(2, ReplyKind.Progress, [(byte)i]));
        }

        var taken = new List<string>();
        while (outbox.TryTake(out var reply, out _))
        {
            taken.Add($"{reply.Kind} {reply.Id} {reply.Text?[0]}");
        }

        Assert.Equal(["Enqueued 1 ", "Progress 1 231", "Progress 2 231"], taken);
    }

    [Fact]
    public async Task With_very_many_waiters_each_gets_its_turn()
    {
        const int Waiters = 700;
        var holder = bench.Connect();
        await bench.LockAsync(holder);
        var waiter = await bench.ResumeAsync(hearsProgress: true);
        for (var i = 0; i < Waiters; i++)
        {
            // A connection may have fewer on their way than these.
            await bench.LockAsync(waiter, access: Access.Read, channel: $"{i}");
        }

        bench.Advance(1_000);
        var afterOne = waiter.Heard.Count(text => text.Contains("progress", StringComparison.Ordinal));
        bench.Advance(1_000);
        var afterTwo = waiter.Heard.Count(text => text.Contains("progress", StringComparison.Ordinal));

        Assert.Equal((500, Waiters), (afterOne, afterTwo));
    }
}
