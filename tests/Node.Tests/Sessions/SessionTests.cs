// What a session is told, in which order, and how leadership's end reaches it.
using RaftLocks.Node.Sessions;
using RaftLocks.Node.Sessions.Scheduling;

namespace RaftLocks.Node.Tests.Sessions;

public class SessionTests
{
    private readonly LeaderBench bench = new LeaderBench().Lead();

    [Fact]
    public async Task Messages_sent_ahead_are_answered_in_order()
    {
        var (holder, waiter) = (bench.Connect(), bench.Connect());
        await bench.LockAsync(holder);
        await LeaderBench.SendLockAsync(waiter);
        await LeaderBench.SendReleaseAsync(waiter);
        await LeaderBench.SendLockAsync(waiter, "b");
        await LeaderBench.SendReleaseAsync(waiter);
        bench.Apply();

        Assert.Equal(["Enqueued 2", "Released 2", "Acquired 3", "Released 3"], waiter.Heard);
    }

    [Fact]
    public async Task A_release_that_crosses_an_abandon_is_answered_ready()
    {
        var client = bench.Connect();
        await bench.LockAsync(client);

        // No leader abandons the lock of an open connection today; the command may come from one that will.
        Assert.True(bench.Leadership.TryPropose(new AbandonProposal(bench.Sessions, bench.Find(1))));
        await LeaderBench.SendReleaseAsync(client);
        await LeaderBench.SendLockAsync(client);
        bench.Apply();

        Assert.Equal(["Acquired 1", "Released 1", "Acquired 2"], client.Heard);
        Assert.Null(client.Last);
    }

    [Fact]
    public async Task Commands_of_a_lost_leadership_are_dropped_and_their_sessions_closed()
    {
        var client = bench.Connect();
        await LeaderBench.SendLockAsync(client);

        bench.Lose();

        Assert.Equal(1012, client.Last!.Code);
        Assert.Empty(client.Heard);
        bench.Lead();
        Assert.Equal(0, bench.Apply());
        Assert.Equal(0, bench.Live);
    }

    [Fact]
    public void A_session_that_opens_while_all_are_closed_is_closed_too()
    {
        var sessions = bench.Sessions;
        bench.Lose();
        var late = new TestClient();

        late.Session = sessions.Open(sessions.Namespaces.Connect("n"u8.ToArray()), 0, late);

        Assert.Equal(CloseReason.LeadershipLost, late.Last);
    }

    [Fact]
    public async Task Figures_follow_what_is_held_and_awaited()
    {
        var (holder, waiter, gone) = (bench.Connect(), bench.Connect(), bench.Connect());
        await bench.LockAsync(holder);
        await bench.LockAsync(waiter);
        await bench.LockAsync(gone);
        var use = holder.Session.Namespace;
        Assert.Equal((3, 2), (bench.Sessions.Live, use.Waiting));

        gone.Session.End();
        await bench.ApplyNextAsync();
        Assert.Equal((2, 1), (bench.Sessions.Live, use.Waiting));

        await bench.ReleaseAsync(holder);
        Assert.Equal((1, 0), (bench.Sessions.Live, use.Waiting));
        await bench.ReleaseAsync(waiter);
        Assert.Equal((0, 0), (bench.Sessions.Live, use.Waiting));
        holder.Session.End();
        waiter.Session.End();
        Assert.Equal(0, bench.Sessions.Count);
    }

    [Fact]
    public async Task Sessions_do_not_meet_each_others_locks()
    {
        var (a, b) = (bench.Connect(ns: "a"), bench.Connect(ns: "b"));
        await bench.LockAsync(a);
        await bench.LockAsync(b);

        Assert.Equal(["Acquired 1"], a.Heard);
        Assert.Equal(["Acquired 1"], b.Heard);
        Assert.NotEqual(a.Session.Id, b.Session.Id);
    }
}
