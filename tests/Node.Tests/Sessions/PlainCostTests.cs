// What a plain v1 connection pays for the extensions: nothing that it does not use.
using RaftLocks.Node.Sessions;
using RaftLocks.Node.Sessions.Steps;

namespace RaftLocks.Node.Tests.Sessions;

public class PlainCostTests
{
    // Session, main channel, conversation, gate, and the entry in the table of sessions; no tables, traits, timers.
    private const int MaxBytes = 512;

    [Fact]
    public void An_idle_session_is_small()
    {
        const int Sessions = 1_000;
        var bench = new LeaderBench().Lead();
        var use = bench.Sessions.Namespaces.Connect("n"u8.ToArray());
        var opened = new Session[Sessions];

        // The table of sessions grows by doubling: once before, so that it does not count.
        Open();
        foreach (var session in opened)
        {
            session.End();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        Open();
        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / Sessions;

        Assert.InRange(each, 100, MaxBytes);

        void Open()
        {
            for (var i = 0; i < Sessions; i++)
            {
                opened[i] = bench.Sessions.Open(use, 60_000, NullConnection.Instance);
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
