// What may be said when the node has ended a lock by itself: what was sent before that could be known is no error,
// anything else still is.
namespace RaftLocks.Protocol.Tests;

public class EndedByTheNodeTests
{
    private readonly ChannelProtocol protocol = new();

    [Fact]
    public void A_new_lock_is_allowed()
    {
        Say(ClientAction.Lock);
        protocol.Ended(1);

        Say(ClientAction.Lock);
        Refuse(ClientAction.Lock);
    }

    [Fact]
    public void One_release_may_have_crossed_the_end_but_no_second_one()
    {
        Say(ClientAction.Lock);
        protocol.Ended(1);

        Say(ClientAction.Downgrade);
        Say(ClientAction.Release);
        Refuse(ClientAction.Release);
        Refuse(ClientAction.Downgrade);
        Say(ClientAction.Lock);
    }

    [Fact]
    public void The_end_of_an_older_lock_says_nothing_of_a_newer_one()
    {
        Say(ClientAction.Lock);
        Say(ClientAction.Release);
        Say(ClientAction.Lock);
        protocol.Ended(1);

        Refuse(ClientAction.Lock);
        Say(ClientAction.Release);
        Refuse(ClientAction.Release);
    }

    [Fact]
    public void An_end_after_the_release_was_sent_forgives_nothing_more()
    {
        Say(ClientAction.Lock);
        Say(ClientAction.Release);
        protocol.Ended(1);

        Refuse(ClientAction.Release);
        Say(ClientAction.Lock);
        Refuse(ClientAction.Lock);
    }

    [Fact]
    public void One_that_goes_on_after_a_resume_has_its_lock()
    {
        var resumed = new ChannelProtocol(hasLock: true);

        Assert.NotNull(resumed.Accept(ClientAction.Lock));
        Assert.False(resumed.IsIdle);
        Assert.Null(resumed.Accept(ClientAction.Release));
        Assert.True(resumed.IsIdle);
    }

    [Fact]
    public void A_lock_that_was_refused_never_was_and_what_was_sent_ahead_of_the_refusal_is_no_mistake()
    {
        Say(ClientAction.Lock);
        protocol.Refused();
        Assert.True(protocol.IsIdle);
        Assert.True(protocol.MayBeCrossed);

        Say(ClientAction.Downgrade);
        Say(ClientAction.Release);
        Assert.False(protocol.MayBeCrossed);
        Refuse(ClientAction.Release);

        // The next one is the first.
        Say(ClientAction.Lock);
        protocol.Ended(1);
        Assert.True(protocol.IsIdle);
        Assert.True(protocol.MayBeCrossed);
        Say(ClientAction.Release);
    }

    [Fact]
    public void A_downgrade_needs_a_lock_and_a_ping_nothing()
    {
        Refuse(ClientAction.Downgrade);
        Say(ClientAction.Ping);
        Say(ClientAction.Lock);
        Say(ClientAction.Downgrade);
        Say(ClientAction.Ping);
        Say(ClientAction.Release);
        Say(ClientAction.Ping);
    }

    private void Say(ClientAction action) => Assert.Null(protocol.Accept(action)?.Reason);

    private void Refuse(ClientAction action) => Assert.Equal(CloseCodes.BadInput, protocol.Accept(action)?.CloseCode);
}
