// What a plain v1 connection pays for the extensions: nothing that it does not use.
using RaftLocks.Node.Sessions;
using RaftLocks.Node.Sessions.Steps;

namespace RaftLocks.Node.Tests.Sessions;

public class PlainCostTests
{
    // Session, main channel, conversation, gate, room for its flow before the proposer, and the entry in the table of
    // sessions: 512; no tables, traits, timers.
    private const int MaxBytes = 520;

    [Fact]
    public void An_idle_session_is_small()
    {
        const int Sessions = 1_000;
        var bench = new LeaderBench().Lead();
        var use = bench.Sessions.Namespaces.Connect("n"u8.ToArray());

        // The table of sessions grows as soon as chance puts too many into one part of it: it has ample room before, so
        // that its growth does not count.
        var earlier = new Session[8 * Sessions];
        Open(earlier);
        foreach (var session in earlier)
        {
            session.End();
        }

        var opened = new Session[Sessions];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Open(opened);
        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / Sessions;

        Assert.All(opened, session => Assert.True(session.IsConnected));
        Assert.InRange(each, 100, MaxBytes);

        void Open(Session[] sessions)
        {
            for (var i = 0; i < sessions.Length; i++)
            {
                sessions[i] = bench.Sessions.Open(use, 60_000, NullConnection.Instance);
            }
        }
    }

    [Fact]
    public async Task A_plain_waiter_has_no_timer_and_nobody_looks_after_its_place()
    {
        var bench = new LeaderBench().Lead();
        var (holder, waiter) = (bench.Connect(), bench.Connect());
        await bench.LockAsync(holder);
        await bench.LockAsync(waiter);

        Assert.Equal((0, 0), (bench.Sessions.Deadlines.Count, bench.Sessions.Positions.Count));
        Assert.Equal(["Enqueued 2"], waiter.Heard);
    }
}
