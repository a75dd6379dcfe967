// Packs commands into log entries: while one entry is on its way, the commands for the next gather. One proposer for each leadership.
using System.Diagnostics;
using System.Security.Cryptography;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Raft;

internal sealed class Proposer(IReplication replication, Leadership leadership, RaftNodeOptions options, TimeProvider time, ILogger logger)
{
    private const int PartsOfRound = 8;
    private readonly EntryWriter writer = new();
    private readonly List<PendingCommand> commands = [];
    private int lastBatch;
    private TimeSpan lastRound;
    private UInt128 nextBatch = new(NewBatchPrefix(), 0);

    /// <summary>Proposes until leadership ends; returns when each command has been told what became of it.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (await leadership.Proposals.WaitToReadAsync(leadership.Ended))
            {
                Gather();
                await ProposeBatchAsync();
            }
        }
        catch (OperationCanceledException) when (leadership.Ended.IsCancellationRequested)
        {
        }

        while (leadership.Proposals.TryRead(out var late))
        {
            late.OnDropped();
        }
    }

    // Clients that were answered together come again together, some microseconds apart. Who comes first would be alone in an entry, and the others
    // would wait for the whole of its round: a moment of patience costs less. A client that was alone in the last entry never waits.
    private void Gather()
    {
        if (Environment.ProcessorCount == 1)
        {
            // Nobody could come meanwhile.
            return;
        }

        var patience = TimeSpan.FromMicroseconds(Math.Min(lastRound.TotalMicroseconds / PartsOfRound, options.MaxGatherMicroseconds));
        var since = Stopwatch.GetTimestamp();
        while (leadership.Proposals.Count < lastBatch && Stopwatch.GetElapsedTime(since) < patience)
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
        var startedAt = Stopwatch.GetTimestamp();
        try
        {
            var entry = writer.Complete();
            options.Metrics?.Proposed(batch.Commands.Length, entry.Length);
            await replication.ReplicateAsync(entry, leadership.Term, batch, leadership.Ended);
            leadership.Confirm(askedAt);
            options.Metrics?.Committed(startedAt);
            (lastBatch, lastRound) = (batch.Commands.Length, Stopwatch.GetElapsedTime(startedAt));
        }
        catch (Exception e) when (IReplication.IsLost(e))
        {
            Log.BatchInDoubt(logger, batch.Commands.Length, leadership.Term);
        }

        // Usually it has been settled when it was applied. If not, its fate is not known here, whatever the call said; and a lock that it may yet
        // bring belongs to no session of this leadership, which would never end it. The next leadership inherits it.
        if (batch.InDoubt())
        {
            leadership.Doubt();
        }
    }

    private ProposedBatch? TakeBatch()
    {
        commands.Clear();
        writer.Begin(nextBatch, time.GetUtcNow().ToUnixTimeMilliseconds());
        while (commands.Count < options.MaxBatchCommands && writer.Length < options.MaxBatchBytes && leadership.Proposals.TryRead(out var command))
        {
            try
            {
                command.WriteTo(writer);
                commands.Add(command);
            }
            catch (ArgumentException e)
            {
                // Beyond the limits of the format, which the node's own limits should have kept it from. The others must not suffer.
                Log.CommandRefused(logger, e);
                command.OnDropped();
            }
        }

        return commands.Count == 0 ? null : new ProposedBatch(nextBatch++, [.. commands]);
    }
}
