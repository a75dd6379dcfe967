// A round of replication waits for no member longer than it must, and leaves a slow one alone as long as it holds up
// nobody.
using Microsoft.Extensions.Time.Testing;
using RaftLocks.Node.Raft.Transport;

namespace RaftLocks.Node.Tests.Raft;

public sealed class ReplicationRoundsTests : IDisposable
{
    private static readonly TimeSpan GraceTime = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly FakeTimeProvider time = new();
    private readonly List<int> cut = [];
    private readonly ReplicationRounds rounds;
    private readonly ReplicationRounds.Exchange[] exchanges;

    public ReplicationRoundsTests()
    {
        rounds = new ReplicationRounds(() => 3, GraceTime, time);
        exchanges = [.. Enumerable.Range(0, 2).Select(member => rounds.Watch(() => cut.Add(member)))];
    }

    public void Dispose() => rounds.Dispose();

    [Fact]
    public void A_member_for_which_the_leader_waits_while_the_others_have_answered_is_cut_off()
    {
        exchanges[0].Begin();
        exchanges[1].Begin();
        exchanges[0].End();
        Pass(GraceTime - Look);
        Assert.Empty(cut);
        Pass(2 * Look);
        Assert.Contains(1, cut);
        Assert.DoesNotContain(0, cut);
    }

    [Fact]
    public void A_slow_member_is_left_alone_while_the_leader_goes_on_with_the_others()
    {
        exchanges[1].Begin();
        for (var i = 0; i < 20; i++)
        {
            exchanges[0].Begin();
            Pass(Look);
            exchanges[0].End();
            Pass(Heartbeat - Look);
        }

        Assert.Empty(cut);
    }

    [Fact]
    public void If_all_are_slow_nobody_is_cut_off()
    {
        exchanges[0].Begin();
        exchanges[1].Begin();
        Pass(20 * GraceTime);
        Assert.Empty(cut);
    }

    [Fact]
    public void A_large_exchange_has_more_time()
    {
        exchanges[0].Begin();
        exchanges[0].End();
        exchanges[1].Begin();
        exchanges[1].Bytes = 1_000_000;
        Pass(GraceTime + TimeSpan.FromSeconds(1) - Look);
        Assert.Empty(cut);
        Pass(2 * Look);
        Assert.Contains(1, cut);
    }

    [Fact]
    public void A_connection_that_is_closed_counts_no_more()
    {
        exchanges[0].Begin();
        exchanges[0].End();
        exchanges[0].Dispose();
        exchanges[1].Begin();
        Pass(20 * GraceTime);
        Assert.Empty(cut);
    }

    private void Pass(TimeSpan span)
    {
        for (var passed = TimeSpan.Zero; passed < span; passed += Look)
        {
            time.Advance(Look);
        }
    }
}
