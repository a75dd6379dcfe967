// What a connection may say when: against a model of the three states, with replies that come late or early.
using FsCheck;
using FsCheck.Xunit;

namespace RaftLocks.Protocol.Tests;

public class ChannelProtocolTests
{
    [Fact]
    public void A_lock_first_then_a_release_then_a_lock()
    {
        var protocol = new ChannelProtocol();

        Assert.Null(protocol.Accept(ClientAction.Lock));
        Assert.Null(protocol.Accept(ClientAction.Release));
        Assert.Null(protocol.Accept(ClientAction.Lock));
    }

    [Fact]
    public void A_second_lock_is_refused_and_says_what_to_send()
    {
        var protocol = new ChannelProtocol();
        protocol.Accept(ClientAction.Lock);
        var refusal = protocol.Accept(ClientAction.Lock);

        Assert.Equal(CloseCodes.BadInput, refusal?.CloseCode);
        Assert.Contains("send \"release\" first", refusal!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_release_of_nothing_is_refused_and_says_what_to_send()
    {
        var refusal = new ChannelProtocol().Accept(ClientAction.Release);

        Assert.Equal(CloseCodes.BadInput, refusal?.CloseCode);
        Assert.Contains("send \"lock\" first", refusal!.Reason, StringComparison.Ordinal);
    }

    // The specification's own words: "lock is available only in state ready, release in enqueued and acquired". The
    // model is a client that waits for every reply; grants may turn enqueued into acquired at any moment.
    [Property]
    public void Whatever_is_sent_it_is_accepted_exactly_when_the_specification_allows_it(
        bool[] messagesAreLocks,
        bool[] grantsAtOnce,
        bool[] grantsLater
    )
    {
        var protocol = new ChannelProtocol();
        var state = ConnectionState.Ready;
        for (var i = 0; i < messagesAreLocks.Length; i++)
        {
            var action = messagesAreLocks[i] ? ClientAction.Lock : ClientAction.Release;
            var allowed =
                action == ClientAction.Lock
                    ? state == ConnectionState.Ready
                    : state is ConnectionState.Enqueued or ConnectionState.Acquired;

            Assert.Equal(allowed, protocol.Accept(action) is null);
            if (allowed)
            {
                state =
                    action == ClientAction.Release ? ConnectionState.Ready
                    : i < grantsAtOnce.Length && grantsAtOnce[i] ? ConnectionState.Acquired
                    : ConnectionState.Enqueued;
            }

            if (state == ConnectionState.Enqueued && i < grantsLater.Length && grantsLater[i])
            {
                state = ConnectionState.Acquired;
            }
        }
    }

    [Fact]
    public void Five_hundred_pairs_sent_ahead()
    {
        var protocol = new ChannelProtocol();
        for (var i = 0; i < 500; i++)
        {
            Assert.Null(protocol.Accept(ClientAction.Lock));
            Assert.Null(protocol.Accept(ClientAction.Release));
        }
    }
}
