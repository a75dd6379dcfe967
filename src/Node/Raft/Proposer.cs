// Packs commands into log entries: while one entry is under way, the commands for the next one are collected. There is
// one proposer for each leadership. Whoever waits for what comes of a command is called when it is known.
using System.Security.Cryptography;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Raft;

internal sealed class Proposer(
    IReplication replication,
    Leadership leadership,
    RaftNodeOptions options,
    TimeProvider time,
    ILogger logger
)
{
    private const int LingerShareOfRound = 8;
    private readonly EntryWriter writer = new();
    private readonly List<PendingCommand> commands = [];
    private int lastBatch;
    private TimeSpan lastRound;
    private UInt128 nextBatch = new(NewBatchPrefix(), 0);

    /// <summary>Proposes until leadership ends; returns when each command has heard its outcome.</summary>
    public async Task RunAsync()
    {
        while (await leadership.Proposals.WaitToTakeAsync())
        {
            FillBatch();
            await ProposeBatchAsync();
        }

        leadership.DropAll();
    }

    // Clients that were answered together send their next commands together, some microseconds apart. The first one
    // would be alone in an entry, and the others would wait for its whole round. To wait a moment (to linger) costs
    // less. A client that was alone in the last entry never waits.
    private void FillBatch()
    {
        if (Environment.ProcessorCount == 1)
        {
            // No other command could arrive meanwhile.
            return;
        }

        var timeout = TimeSpan.FromMicroseconds(
            Math.Min(lastRound.TotalMicroseconds / LingerShareOfRound, options.MaxLingerMicroseconds)
        );
        var since = time.GetTimestamp();
        while (leadership.Proposals.Count < lastBatch && time.GetElapsedTime(since) < timeout)
        {
            Thread.Yield();
        }
    }

    private static ulong NewBatchPrefix() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    private async Task ProposeBatchAsync()
    {
        var batch = TakeBatch();
        if (batch is null)
        {
            return;
        }

        var askedAt = time.GetTimestamp();
        try
        {
            var entry = writer.Complete();
            options.Metrics?.Proposed(batch.Commands.Length, entry.Length);
            await replication.ReplicateAsync(entry, leadership.Term, batch, leadership.Ended);
            leadership.Confirm(askedAt);
            (lastBatch, lastRound) = (batch.Commands.Length, time.GetElapsedTime(askedAt));
            options.Metrics?.Committed(lastRound);
        }
        catch (Exception e) when (IReplication.IsLost(e))
        {
            Log.BatchOutcomeUnknown(logger, batch.Commands.Length, leadership.Term);
        }

        // Usually it was completed when it was applied. If not, its outcome is unknown here, whatever the call said. A
        // lock that it may still acquire belongs to no session of this leadership, which would never end it. The next
        // leadership takes it over from the log.
        if (batch.SetOutcomeUnknown())
        {
            leadership.MarkOutcomeUnknown();
        }
    }

    private ProposedBatch? TakeBatch()
    {
        commands.Clear();
        writer.Begin(nextBatch, time.GetUtcNow().ToUnixTimeMilliseconds());
        leadership.Proposals.BeginBatch();
        while (
            commands.Count < options.MaxBatchCommands
            && writer.Length < options.MaxBatchBytes
            && leadership.Proposals.TryTake(out var command)
        )
        {
            try
            {
                command.WriteTo(writer);
                commands.Add(command);
            }
            catch (ArgumentException e)
            {
                // Beyond the limits of the format, which the node's own limits should have kept it from. The others
                // must not suffer.
                Log.CommandRefused(logger, e);
                command.OnDropped();
            }
        }

        return commands.Count == 0 ? null : new ProposedBatch(nextBatch++, [.. commands]);
    }
}

/// <summary>
/// A command that was proposed, or will be. Exactly one of the three On… methods is called, exactly once, on a thread
/// that must not be blocked.
/// </summary>
public abstract class PendingCommand
{
    /// <summary>What it costs those who apply it, in the units of <see cref="FairShares"/>.</summary>
    internal virtual int Cost => FairShares.CommandCost;

    /// <summary>With whose commands it waits; null for those of the leader itself.</summary>
    internal virtual ProposalFlow? Flow => null;

    /// <summary>The one behind it in its flow.</summary>
    internal PendingCommand? Next { get; set; }

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
