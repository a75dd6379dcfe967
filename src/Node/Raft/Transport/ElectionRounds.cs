// A member that hangs must not hold up an election. The library counts (pre-)votes only when every member has answered
// or its connection has failed, and each may take as long as any request. So the connection of a member that has not
// answered is closed: some time after a majority has answered, as the others' answers decide then; and after a longer
// time in any case, as the next try needs the connection. A pre-vote costs nothing, so its time is short. A vote is
// written to disk: a healthy member whose disk is slow has as much time for it as the candidate itself, while its vote
// is needed.
using System.Net;

namespace RaftLocks.Node.Raft.Transport;

/// <summary>The rounds of votes and pre-votes that this node asks for, one at a time.</summary>
/// <param name="members">How many members vote, this node included.</param>
/// <param name="graceTime">How long an answer may take after a majority has answered.</param>
/// <param name="time">The clock.</param>
internal sealed class ElectionRounds(Func<int> members, TimeSpan graceTime, TimeProvider time)
{
    private readonly Lock gate = new();
    private Round? current;

    /// <summary>Notes that a member is asked. What is the same for all members is one round, until one of them is asked
    /// again.</summary>
    /// <param name="member">The member.</param>
    /// <param name="request">What it is asked.</param>
    /// <param name="answerTime">How long the answer may take while it is needed.</param>
    /// <param name="cut">Closes the connection.</param>
    public ElectionRequest Ask(EndPoint member, ReadOnlySpan<byte> request, TimeSpan answerTime, Action cut)
    {
        lock (gate)
        {
            if (current is null || !request.SequenceEqual(current.Request) || !current.Asked.Add(member))
            {
                current = new Round(request.ToArray(), answerTime);
                current.Asked.Add(member);
            }

            var asked = new ElectionRequest(this, current, cut, time);
            current.Waiting.Add(asked);
            asked.EndWithin(IsDecided(current) ? graceTime : answerTime);
            return asked;
        }
    }

    /// <summary>Notes that a member has answered: the majority may be complete now.</summary>
    internal void Answered(ElectionRequest request)
    {
        lock (gate)
        {
            var round = request.Round;
            if (!round.Waiting.Remove(request))
            {
                return;
            }

            round.Answers++;
            if (IsDecided(round))
            {
                foreach (var waiting in round.Waiting)
                {
                    waiting.EndWithin(
                        TimeSpan.FromTicks(Math.Min(graceTime.Ticks, (round.AnswerTime - waiting.Age).Ticks))
                    );
                }
            }
        }
    }

    /// <summary>Notes that an answer is no longer expected.</summary>
    internal void Forget(ElectionRequest request)
    {
        lock (gate)
        {
            request.Round.Waiting.Remove(request);
        }
    }

    /// <summary>This node's own vote makes a majority with those of half the members.</summary>
    private bool IsDecided(Round round) => round.Answers >= members() / 2;

    /// <summary>One round of requests.</summary>
    /// <param name="Request">What each member is asked.</param>
    /// <param name="AnswerTime">How long an answer may take.</param>
    internal sealed record Round(byte[] Request, TimeSpan AnswerTime)
    {
        /// <summary>The members that were asked.</summary>
        public HashSet<EndPoint> Asked { get; } = [];

        /// <summary>The requests that have no answer yet.</summary>
        public HashSet<ElectionRequest> Waiting { get; } = [];

        /// <summary>How many have answered.</summary>
        public int Answers { get; set; }
    }
}
