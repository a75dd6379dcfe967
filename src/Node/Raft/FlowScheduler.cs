// Who is next. It is deficit round robin by cost (Shreedhar and Varghese) over parties, and within a party over flows:
// each takes its share, and who took too much waits for as many shares as that was. As in FQ-CoDel (RFC 8290) a flow
// that had nothing waiting comes first, with a small share. So a client that waits for its answers is in the next batch
// whatever others send. While there are such clients those with a backlog get small batches, as everybody waits for the
// batch that is under way. It is pure: no clock, no threads, nothing allocated.
using System.Diagnostics.CodeAnalysis;

namespace RaftLocks.Node.Raft;

/// <summary>Decides whose command is next.</summary>
internal sealed class FlowScheduler(FairShares shares)
{
    private readonly Queue<ProposalFlow> fresh = new();
    private readonly Queue<ProposalParty> parties = new();
    private long batch;
    private long politeAt = long.MinValue / 2;
    private long freshLeft;
    private long backlogLeft;

    /// <summary>How many commands wait.</summary>
    public int Count { get; private set; }

    /// <summary>Whether somebody was here lately who waits for answers before sending more.</summary>
    public bool HasPolite => batch - politeAt <= shares.Remembered;

    /// <summary>The flows that have something waiting.</summary>
    public IEnumerable<ProposalFlow> Flows => [.. fresh, .. parties.SelectMany(party => party.Backlogged)];

    /// <summary>Adds a command behind those of its flow.</summary>
    public void Add(ProposalFlow flow, PendingCommand command)
    {
        flow.Add(command);
        Count++;
        if (flow.Count > 1)
        {
            return;
        }

        // What it took beyond its share it pays for first.
        flow.Credit = Math.Min(flow.Credit, 0) + shares.First;
        if (flow.Credit > 0)
        {
            fresh.Enqueue(flow);
        }
        else
        {
            Join(flow);
        }
    }

    /// <summary>Begins a batch.</summary>
    public void BeginBatch()
    {
        batch++;
        freshLeft = shares.AllFirst;
        backlogLeft = HasPolite ? shares.Backlog : long.MaxValue;
    }

    /// <summary>Takes the next command of the batch; false when it has what it may have.</summary>
    public bool TryTake([NotNullWhen(true)] out PendingCommand? command, [NotNullWhen(true)] out ProposalFlow? from)
    {
        if (fresh.TryPeek(out from) && (freshLeft > 0 || backlogLeft <= 0 || parties.Count == 0))
        {
            command = TakeFirst(from);
            return true;
        }

        if (backlogLeft > 0 && parties.TryPeek(out _))
        {
            (command, from) = TakeBacklogged();
            return true;
        }

        (command, from) = (null, null);
        return false;
    }

    private PendingCommand TakeFirst(ProposalFlow flow)
    {
        var command = Take(flow);
        freshLeft -= command.Cost;
        if (flow.Count == 0)
        {
            fresh.Dequeue();
            if (batch - flow.BackloggedAt > shares.Remembered)
            {
                politeAt = batch;
            }
        }
        else if (flow.Credit <= 0)
        {
            fresh.Dequeue();
            Join(flow);
        }

        return command;
    }

    private (PendingCommand Command, ProposalFlow From) TakeBacklogged()
    {
        var party = NextParty();
        var flow = NextFlow(party);
        var command = Take(flow);
        party.Credit -= command.Cost;
        backlogLeft -= command.Cost;
        if (flow.Count == 0)
        {
            party.Backlogged.Dequeue();
            if (party.Backlogged.Count == 0)
            {
                party.Credit = Math.Min(party.Credit, 0);
                parties.Dequeue();
            }
        }

        return (command, flow);
    }

    private ProposalParty NextParty()
    {
        while (true)
        {
            var party = parties.Peek();
            if (party.Credit > 0)
            {
                return party;
            }

            party.Credit += shares.Party * party.Weight;
            parties.Enqueue(parties.Dequeue());
        }
    }

    private ProposalFlow NextFlow(ProposalParty party)
    {
        while (true)
        {
            var flow = party.Backlogged.Peek();
            if (flow.Credit > 0)
            {
                return flow;
            }

            flow.Credit += shares.Flow;
            party.Backlogged.Enqueue(party.Backlogged.Dequeue());
        }
    }

    private void Join(ProposalFlow flow)
    {
        flow.BackloggedAt = batch;
        if (flow.Party.Backlogged.Count == 0)
        {
            parties.Enqueue(flow.Party);
        }

        flow.Party.Backlogged.Enqueue(flow);
    }

    private PendingCommand Take(ProposalFlow flow)
    {
        flow.TryTake(out var command);
        flow.Credit -= command!.Cost;
        Count--;
        return command;
    }
}
