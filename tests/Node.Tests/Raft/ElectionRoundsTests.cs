// An election waits for no member longer than it must.
using System.Net;
using Microsoft.Extensions.Time.Testing;
using RaftLocks.Node.Raft.Transport;

namespace RaftLocks.Node.Tests.Raft;

public sealed class ElectionRoundsTests
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromMilliseconds(450);
    private static readonly TimeSpan GraceTime = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);
    private static readonly byte[] Request = [7, 1, 2, 3];

    private readonly FakeTimeProvider time = new();
    private readonly List<int> cut = [];
    private readonly Dictionary<int, ElectionRequest> asked = [];

    [Fact]
    public void Who_has_not_answered_some_time_after_a_majority_is_cut_off()
    {
        var rounds = Rounds(members: 5);
        Ask(rounds, Request, 1, 2, 3, 4);
        Answer(1);
        time.Advance(GraceTime + Moment);
        Assert.Empty(cut);

        // This node, 1 and 2 are three of five.
        Answer(2);
        time.Advance(GraceTime - Moment);
        Assert.Empty(cut);
        time.Advance(Moment);
        Assert.Equal([3, 4], cut.Order());
    }

    [Fact]
    public void Without_a_majority_every_member_has_the_longer_time_and_no_more()
    {
        Ask(Rounds(members: 5), Request, 1, 2, 3, 4);
        time.Advance(AnswerTime - GraceTime);
        Answer(1);
        time.Advance(GraceTime - Moment);
        Assert.Empty(cut);
        time.Advance(Moment);
        Assert.Equal([2, 3, 4], cut.Order());
    }

    [Fact]
    public void A_majority_late_in_the_round_does_not_lengthen_it()
    {
        Ask(Rounds(members: 3), Request, 1, 2);
        time.Advance(AnswerTime - Moment);
        Answer(1);
        time.Advance(Moment);
        Assert.Equal([2], cut);
    }

    [Fact]
    public void Who_is_asked_after_a_majority_has_answered_has_the_shorter_time()
    {
        var rounds = Rounds(members: 3);
        Ask(rounds, Request, 1);
        Answer(1);
        Ask(rounds, Request, 2);
        time.Advance(GraceTime);
        Assert.Equal([2], cut);
    }

    [Fact]
    public void Another_round_begins_anew()
    {
        var rounds = Rounds(members: 3);
        Ask(rounds, Request, 1, 2);
        Answer(1);
        Answer(2);

        // The same question to the same members, and another one.
        Ask(rounds, Request, 1, 2);
        time.Advance(GraceTime + Moment);
        Assert.Empty(cut);
        Ask(rounds, [1, 2, 3, 4], 1, 2);
        time.Advance(AnswerTime - GraceTime - (2 * Moment));
        Assert.Empty(cut);
        time.Advance(Moment);
        Assert.Equal([1, 2], cut.Order());
    }

    [Fact]
    public void Who_has_answered_is_left_alone_and_who_answers_half_is_not()
    {
        Ask(Rounds(members: 3), Request, 1, 2);
        Answer(1);
        asked[2].BeginRead();
        asked[2].EndRead(received: true);
        asked[2].BeginRead();
        time.Advance(AnswerTime + Moment);
        Assert.Equal([2], cut);
        Assert.Throws<IOException>(asked[2].BeginRead);
    }

    [Fact]
    public void A_connection_that_fails_is_no_answer()
    {
        Ask(Rounds(members: 3), Request, 1, 2);
        asked[1].EndRead(received: false);
        asked[1].End();
        time.Advance(AnswerTime - Moment);
        Assert.Empty(cut);
        time.Advance(Moment);
        Assert.Equal([2], cut);
    }

    private ElectionRounds Rounds(int members) => new(() => members, GraceTime, time);

    private void Ask(ElectionRounds rounds, byte[] request, params int[] members) =>
        Array.ForEach(
            members,
            member =>
                asked[member] = rounds.Ask(
                    new IPEndPoint(IPAddress.Loopback, member),
                    request,
                    AnswerTime,
                    () => cut.Add(member)
                )
        );

    private void Answer(int member)
    {
        asked[member].BeginRead();
        asked[member].EndRead(received: true);
    }
}
