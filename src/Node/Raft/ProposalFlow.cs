// Whose commands wait for the proposer: a flow for each connection, and parties of flows. Both belong to the queue of
// the leadership (FairQueue), under whose lock they change.
using System.Diagnostics.CodeAnalysis;

namespace RaftLocks.Node.Raft;

/// <summary>
/// Those who share one share with each other: the connections of a principal or, where nobody is authenticated, those
/// in a namespace.
/// </summary>
/// <param name="weight">How many shares of others it has.</param>
internal sealed class ProposalParty(int weight = 1)
{
    /// <summary>How many shares of others it has.</summary>
    public int Weight => weight;

    /// <summary>Its flows that have more waiting than their first share.</summary>
    internal Queue<ProposalFlow> Backlogged { get; } = new();

    /// <summary>What it may still take before another party does; below zero when it took too much.</summary>
    internal long Credit { get; set; }
}

/// <summary>The commands of one connection that wait, in the order in which they came.</summary>
/// <param name="party">With whom it shares.</param>
internal sealed class ProposalFlow(ProposalParty party)
{
    private PendingCommand? first;
    private PendingCommand? last;

    /// <summary>With whom it shares.</summary>
    public ProposalParty Party => party;

    /// <summary>How many commands wait.</summary>
    public int Count { get; private set; }

    /// <summary>What it may still take before another flow does; below zero when it took too much.</summary>
    internal long Credit { get; set; }

    /// <summary>The batch in which it last had more than its first share.</summary>
    internal long BackloggedAt { get; set; } = long.MinValue / 2;

    /// <summary>Completes when there is room again; null while nobody waits for that.</summary>
    internal TaskCompletionSource? Room { get; set; }

    /// <summary>Adds a command behind the others.</summary>
    internal void Add(PendingCommand command)
    {
        if (last is null)
        {
            first = command;
        }
        else
        {
            last.Next = command;
        }

        last = command;
        Count++;
    }

    /// <summary>Takes the command that has waited longest.</summary>
    internal bool TryTake([NotNullWhen(true)] out PendingCommand? command)
    {
        command = first;
        if (command is null)
        {
            return false;
        }

        first = command.Next;
        command.Next = null;
        last = first is null ? null : last;
        Count--;
        return true;
    }
}
