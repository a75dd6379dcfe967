// A configuration counts from the moment its entry is appended; but the library takes it over on a loop of its own, a
// moment later. So:
// - a leader's configuration entry, and what comes behind it, stays out of the library's sight until the library
// replicates to the new
//     members. No round of the old ones ever has it: it can't be committed by them, nor reach a member that it removes;
// - an election that begins before the library has taken over the newest configuration in the log is void, whoever
// votes;
// - a leader appends a configuration only when the one before it is committed, an entry of its own term too (the
// correction of 2015), and
//     the two differ by one voter.
using System.Net;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft.Membership;

namespace RaftLocks.Node.Raft.Storage;

/// <content>Configurations.</content>
internal sealed partial class DurableLog
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(1);

    // A leader's entries from here on are not yet shown to the library.
    private long hiddenFrom = long.MaxValue;

    /// <summary>How long the library may take to work with new members.</summary>
    public TimeSpan TakeOverBound { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether the library works with these members.</summary>
    public Func<IReadOnlySet<EndPoint>, bool> IsInForce { get; set; } = static _ => true;

    /// <summary>
    /// Completes when a round of replication has ended that was under way, or has begun since. Fails when this node no
    /// longer leads.
    /// </summary>
    public Func<CancellationToken, Task> CompleteRoundAsync { get; set; } = static _ => Task.CompletedTask;

    /// <summary>
    /// Called when this node has won an election that was void: the library must be brought to try again.
    /// </summary>
    public Action? VoidElectionWon { get; set; }

    /// <summary>Called when a leader's change of members is not taken over: it must lead no more.</summary>
    public Action? TakeOverFailed { get; set; }

    /// <summary>The last entry that the library is to know of.</summary>
    public long VisibleIndex => Math.Min(entries.LastIndex, Volatile.Read(ref hiddenFrom) - 1);

    /// <summary>Reads the configurations in the log, oldest first.</summary>
    public static IEnumerable<(long Index, ReadOnlyMemory<byte> Content)> ConfigurationsIn(EntryLog entries)
    {
        for (var index = entries.FirstIndex; index <= entries.LastIndex; index++)
        {
            if (entries[index] is { IsConfiguration: true } entry)
            {
                yield return (index, entry.Content);
            }
        }
    }

    /// <summary>Checks a leader's configuration entry before it is appended. Called while the lock is held.</summary>
    /// <exception cref="TooEarlyException">It must not be, or not yet.</exception>
    private void CheckConfiguration(in RaftEntry entry)
    {
        var committed = LastCommittedEntryIndex;
        if (membership.Index > committed)
        {
            throw new TooEarlyException("the change of members before this one is not agreed upon yet.");
        }

        if (entries.TermAt(committed) != entry.Term)
        {
            throw new TooEarlyException("this leader has not had an entry of its own agreed upon yet.");
        }

        var (before, after) = (Voters(membership.Members), Voters(MemberCodec.Decode(entry.Content.Span)));
        if (before.Except(after).Count() + after.Except(before).Count() > 1)
        {
            throw new TooEarlyException("only one member can be added or removed at a time.");
        }
    }

    private static HashSet<(string Name, string Incarnation)> Voters(IReadOnlyList<Member> members) =>
        [.. members.Select(member => (member.Name, member.Incarnation))];

    /// <summary>
    /// Shows the library a configuration entry that this leader has appended, once it replicates to the members that
    /// the entry names.
    /// </summary>
    private async Task ShowAsync(long index)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(closing.Token);
        bound.CancelAfter(TakeOverBound);
        var members = membership.EndPoints;
        try
        {
            while (!IsInForce(members))
            {
                await Task.Delay(LookAgain, bound.Token);
            }

            // The round that is under way may have begun with the old members. The one behind it begins with the new.
            await CompleteRoundAsync(bound.Token);
            await CompleteRoundAsync(bound.Token);
        }
        catch (OperationCanceledException e) when (bound.IsCancellationRequested && !closing.IsCancellationRequested)
        {
            // While the entry is hidden nothing behind it can be committed: another leader is to go on.
            TakeOverFailed?.Invoke();
            throw new TooEarlyException(
                "the change was not taken over in time, and this node leads no more; it may still come.",
                e
            );
        }

        Interlocked.CompareExchange(ref hiddenFrom, long.MaxValue, index);
    }

    /// <summary>Shows everything: this node replicates nothing now, so what was hidden is part of its log like the
    /// rest.</summary>
    private void ShowAll() => Volatile.Write(ref hiddenFrom, long.MaxValue);
}
