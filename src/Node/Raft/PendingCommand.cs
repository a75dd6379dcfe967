// A command on its way, and whoever waits for what comes of it.
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Raft;

/// <summary>
/// A command that was proposed, or will be. Exactly one of the three On… methods is called, exactly once, on a thread
/// that must not be blocked.
/// </summary>
public abstract class PendingCommand
{
    /// <summary>Adds the command to an entry.</summary>
    public abstract void WriteTo(EntryWriter writer);

    /// <summary>
    /// Called when the command is committed, durably on a majority, and applied here. Calls are in log order.
    /// </summary>
    public abstract void OnApplied(in LockEvent reply);

    /// <summary>
    /// Called when the command was proposed and its outcome is unknown, because the leadership ended. It is never
    /// proposed again.
    /// </summary>
    public abstract void OnOutcomeUnknown();

    /// <summary>Called when the command was never proposed, because the leadership is over.</summary>
    public abstract void OnDropped();
}

/// <summary>The commands of one log entry, and the entry's way to find them again when it is applied.</summary>
internal sealed class ProposedBatch(UInt128 id, PendingCommand[] commands)
{
    private int settled;

    public UInt128 Id { get; } = id;

    public PendingCommand[] Commands { get; } = commands;

    /// <summary>Returns true for the one caller that may report the outcome to the commands.</summary>
    public bool TryComplete() => Interlocked.Exchange(ref settled, 1) == 0;

    /// <summary>
    /// Reports an unknown outcome to the commands, unless they have one already; returns whether it did.
    /// </summary>
    public bool SetOutcomeUnknown()
    {
        if (!TryComplete())
        {
            return false;
        }

        foreach (var command in Commands)
        {
            command.OnOutcomeUnknown();
        }

        return true;
    }
}
