// Steps of one session that are made by several threads at once: their effects are carried out in the order of the
// steps, each once, and by one thread at a time; and no thread waits for another's.
using System.Collections.Concurrent;
using RaftLocks.Node.Sessions;

namespace RaftLocks.Node.Tests.Sessions;

public class StepQueueTests
{
    private readonly LeaderBench bench = new LeaderBench().Lead();

    [Fact]
    public void A_step_that_is_made_while_earlier_effects_are_carried_out_does_not_wait_for_them()
    {
        var connection = new SlowConnection();
        var session = bench.Sessions.Open(bench.Sessions.Namespaces.Get("n"u8.ToArray()), 0, connection);

        // While the first reply is being told, another thread makes the second step, and is done with it.
        connection.WhileFirst = () =>
        {
            var other = new Thread(() => session.Answer(new SessionReply(2, ReplyKind.Released)));
            other.Start();
            other.Join();
            Assert.Empty(connection.Heard);
        };
        session.Answer(new SessionReply(1, ReplyKind.Acquired));

        Assert.Equal([1UL, 2UL], connection.Heard);
    }

    [Fact]
    public async Task What_one_thread_has_told_stays_in_order_and_nothing_is_lost()
    {
        const int Threads = 4;
        const ulong Each = 20_000;
        var connection = new SlowConnection();
        var session = bench.Sessions.Open(bench.Sessions.Namespaces.Get("n"u8.ToArray()), 0, connection);

        await Task.WhenAll(
            Enumerable
                .Range(0, Threads)
                .Select(thread =>
                    Task.Run(() =>
                    {
                        for (var i = 0UL; i < Each; i++)
                        {
                            session.Answer(new SessionReply(((ulong)thread * Each) + i, ReplyKind.Pong));
                        }
                    })
                )
        );

        Assert.Equal(Threads * (int)Each, connection.Heard.Count);
        Assert.All(connection.Heard.GroupBy(id => id / Each), ofThread => Assert.Equal(ofThread.Order(), ofThread));
    }

    [Fact]
    public void An_effect_that_fails_holds_up_nobody()
    {
        var connection = new SlowConnection { WhileFirst = () => throw new InvalidOperationException() };
        var session = bench.Sessions.Open(bench.Sessions.Namespaces.Get("n"u8.ToArray()), 0, connection);

        Assert.Throws<InvalidOperationException>(() => session.Answer(new SessionReply(1, ReplyKind.Acquired)));
        session.Answer(new SessionReply(2, ReplyKind.Released));

        Assert.Equal([2UL], connection.Heard);
    }

    private sealed class SlowConnection : ISessionConnection
    {
        private int told;

        public Action WhileFirst { get; set; } = () => { };

        public ConcurrentQueue<ulong> Heard { get; } = new();

        public void Reply(in SessionReply reply)
        {
            if (told++ == 0)
            {
                WhileFirst();
            }

            Heard.Enqueue(reply.Id);
        }

        public void Close(CloseReason why) { }

        public void Abort() { }
    }
}
