// A command on its way, and whoever waits for what comes of it.
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Raft;

/// <summary>
/// Exactly one of the three On… methods is called, exactly once, on a thread that must not be blocked.
/// </summary>
public abstract class PendingCommand
{
    /// <summary>Adds the one command.</summary>
    public abstract void WriteTo(EntryWriter writer);

    /// <summary>It is committed, durably on a majority, and applied here. Called in log order.</summary>
    public abstract void OnApplied(in LockEvent reply);

    /// <summary>It was proposed, and leadership ended before its fate was known. It is never proposed again.</summary>
    public abstract void OnInDoubt();

    /// <summary>It was never proposed, as leadership is over.</summary>
    public abstract void OnDropped();
}

/// <summary>The commands of one log entry, and the entry's way to find them again when it is applied.</summary>
internal sealed class ProposedBatch(UInt128 id, PendingCommand[] commands)
{
    private int settled;

    public UInt128 Id { get; } = id;

    public PendingCommand[] Commands { get; } = commands;

    /// <summary>True for the one caller that may tell the commands what became of them.</summary>
    public bool TrySettle() => Interlocked.Exchange(ref settled, 1) == 0;

    /// <summary>Unless they know better already, its commands hear that nobody knows; returns whether that was so.</summary>
    public bool InDoubt()
    {
        if (!TrySettle())
        {
            return false;
        }

        foreach (var command in Commands)
        {
            command.OnInDoubt();
        }

        return true;
    }
}
