// What really is: a replica of its own that applies each entry the moment it is committed, and everything that can be
// checked at once from it.
using System.Globalization;
using System.Text;
using RaftLocks.Chaos.Checkers;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Simulation.World;

/// <summary>A lock that a client asked for, as the log has it.</summary>
internal sealed class Fact
{
    public required ulong Id { get; init; }

    public required long AbandonTimeoutMs { get; init; }

    public long? GrantedIndex { get; set; }

    public string? Ended { get; set; }
}

/// <summary>Checks.</summary>
internal sealed class Truth(VirtualClock clock)
{
    private readonly LockStateMachine machine = new();
    private readonly EventList events = new();
    private readonly Dictionary<string, Fact> facts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (Link? Link, bool ReleaseSent)> asked = new(StringComparer.Ordinal);
    private readonly Dictionary<long, (long At, long Index)> led = [];
    private readonly List<UInt128> digests = [UInt128.Zero];
    private long electedTerm;

    /// <summary>What was found.</summary>
    public List<Violation> Violations { get; } = [];

    /// <summary>Locks held and awaited.</summary>
    public int Live => machine.LiveCount;

    /// <summary>The whole state as it stands.</summary>
    public UInt128 Digest => machine.Digest;

    /// <summary>How many entries hold commands.</summary>
    public int Batches { get; private set; }

    /// <summary>How many locks were acquired.</summary>
    public int Grants { get; private set; }

    public void Fault(string promise, string evidence) =>
        Violations.Add(
            new Violation(promise, string.Create(CultureInfo.InvariantCulture, $"at {clock.NowMs:F1} ms: {evidence}"))
        );

    /// <summary>A client sends a lock.</summary>
    public void OnAsked(string nonce, Link link) => asked[nonce] = (link, false);

    /// <summary>A client sends its release.</summary>
    public void OnReleaseSent(string nonce) => asked[nonce] = (asked[nonce].Link, true);

    public void OnElected(long term, SimNode node)
    {
        electedTerm = term;
        _ = node;
    }

    /// <summary>A node begins to serve.</summary>
    public void OnLeads(SimNode node, long term) => led[term] = (clock.Now, node.AppliedIndex);

    public void OnCommitted(long index, Entry entry)
    {
        if (entry.Bytes is null)
        {
            machine.ApplyEmpty(index, entry.Term);
            digests.Add(machine.Digest);
            return;
        }

        Batches++;
        if (machine.Apply(entry.Bytes, index, entry.Term, events) != ApplyOutcome.Applied)
        {
            Fault("an entry that was appended can be applied", $"index {index}");
        }

        digests.Add(machine.Digest);
        for (var i = 0; i < events.Count; i++)
        {
            Judge(events[i], index, entry);
        }
    }

    /// <summary>A node has applied an entry.</summary>
    public void OnApplied(int node, long index, UInt128 digest)
    {
        if (digests[(int)index] != digest)
        {
            Fault("replicas are equal", $"n{node} differs at index {index}");
        }
    }

    /// <summary>A node hands a reply to its socket.</summary>
    public void OnTold(SimNode node, long term, string reply)
    {
        if (!reply.Contains("\"acquired\"", StringComparison.Ordinal))
        {
            return;
        }

        if (clock.Now - node.ConfirmedAt >= SimNode.LeaseMs * VirtualClock.TicksPerMs)
        {
            Fault("acquired is told under a lease only", $"n{node.Number} told {reply} without one");
        }

        if (electedTerm > term)
        {
            Fault(
                "acquired is told by the only leader",
                $"n{node.Number} of term {term} told {reply} when term {electedTerm} had begun"
            );
        }
    }

    /// <summary>A client is told something about its lock.</summary>
    public void OnHeard(string nonce, ulong id, string action, string state)
    {
        if (!facts.TryGetValue(nonce, out var fact) || (id != fact.Id))
        {
            Fault(
                "answers are committed",
                $"{nonce} was told {action} {state} as #{id}, the log has {(fact is null ? "nothing" : $"#{fact.Id}")}"
            );
        }
        else if (state == "acquired" && fact.GrantedIndex is null)
        {
            Fault("acquired is true", $"{nonce} #{id} was told so, and waits");
        }
        else if (action == "release" && fact.Ended is null)
        {
            Fault("a confirmed release is not lost", $"{nonce} #{id} is still live");
        }
    }

    private static string? NonceOf(LockRequest request)
    {
        foreach (var resource in request.Resources)
        {
            var segments = new List<string>();
            foreach (var segment in resource)
            {
                segments.Add(Encoding.UTF8.GetString(segment));
            }

            if (segments is ["#", var nonce])
            {
                return nonce;
            }
        }

        return null;
    }

    private void Judge(in LockEvent happened, long index, Entry entry)
    {
        if (happened.Kind == EventKind.Rejected)
        {
            if (happened.Reason == RejectReason.AlreadyLive)
            {
                Fault("no command is proposed twice", $"a lock met its own session's live lock at index {index}");
            }

            return;
        }

        if (happened.Request is null || NonceOf(happened.Request) is not { } nonce)
        {
            return;
        }

        if (happened.Kind is EventKind.Enqueued or EventKind.Acquired)
        {
            Begin(happened, nonce, index);
            return;
        }

        var fact = facts[nonce];
        fact.Ended = happened.Kind.ToString();
        if (happened.Kind == EventKind.Released && !asked[nonce].ReleaseSent)
        {
            Fault(
                "only its client releases a lock",
                $"{nonce} #{fact.Id} was released at index {index}, and its client never asked for that"
            );
        }

        if (happened.Kind == EventKind.Abandoned)
        {
            JudgeAbandon(nonce, fact, entry);
        }
    }

    private void Begin(in LockEvent happened, string nonce, long index)
    {
        var isNew = !facts.TryGetValue(nonce, out var fact);
        if (isNew)
        {
            fact = facts[nonce] = new Fact { Id = happened.Id, AbandonTimeoutMs = happened.Request!.AbandonTimeoutMs };
        }
        else if (happened.IsReply)
        {
            Fault("no command is proposed twice", $"{nonce} is #{fact!.Id} and #{happened.Id}");
        }

        if (happened.Kind == EventKind.Acquired)
        {
            Grants++;
            fact!.GrantedIndex ??= index;
        }
    }

    /// <summary>Never while its connection is open, and if it was held then, never before its time: from the
    /// connection's end, or, under a later leader, from when that began to serve.
    /// </summary>
    private void JudgeAbandon(string nonce, Fact fact, Entry entry)
    {
        var link = asked[nonce].Link!;
        double? notBefore;
        if (link.Term == entry.Term)
        {
            if (link.ServerEndedAt is not { } endedAt)
            {
                Fault("a connected client keeps its lock", $"{nonce} #{fact.Id} was abandoned");
                return;
            }

            var heldThen =
                fact.GrantedIndex is { } granted
                && link.Node.AppliedAt.TryGetValue(granted, out var at)
                && at < endedAt;
            notBefore = heldThen ? endedAt + (fact.AbandonTimeoutMs * VirtualClock.TicksPerMs) : null;
        }
        else
        {
            var (since, applied) = led[entry.Term];
            var heldThen = fact.GrantedIndex is { } granted && granted <= applied;
            notBefore = heldThen
                ? since
                    + (Math.Max(fact.AbandonTimeoutMs, SimNode.DeposedLeaderClosesWithinMs) * VirtualClock.TicksPerMs)
                : null;
        }

        if (entry.AppendedAt < notBefore)
        {
            Fault(
                "held locks have their time",
                $"{nonce} #{fact.Id} was abandoned {(notBefore - entry.AppendedAt) / VirtualClock.TicksPerMs:F1} "
                    + "ms early"
            );
        }
    }
}
