// The commands that wait for the next entry. Bounded: whoever has as many as a flow may have waits, and beyond the
// bound of the whole queue whoever has one. So it never holds more than that bound and one command of each connection,
// and nobody waits for room because of others.
using System.Diagnostics.CodeAnalysis;
using System.Threading.Tasks.Sources;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Raft;

/// <summary>One proposer takes from it, anybody adds.</summary>
/// <param name="length">Commands in all beyond which only those add who have none waiting.</param>
/// <param name="shares">Who may take how much.</param>
internal sealed class FairQueue(int length, FairShares shares) : IValueTaskSource<bool>
{
    private readonly OrderedLock gate = new(LockRank.Leaf);
    private readonly FlowScheduler scheduler = new(shares);
    private readonly ProposalFlow own = new(new ProposalParty(shares.OwnWeight));
    private volatile int count;
    private bool completed;
    private bool readerWaits;
    private ManualResetValueTaskSourceCore<bool> work = new() { RunContinuationsAsynchronously = true };

    /// <summary>How many wait.</summary>
    public int Count => count;

    /// <summary>Adds a command; false if there is no room for it, or never will be.</summary>
    public bool TryAdd(PendingCommand command)
    {
        var flow = command.Flow ?? own;
        using (gate.Enter())
        {
            if (completed || !HasRoom(flow))
            {
                return false;
            }

            Add(flow, command);
            return true;
        }
    }

    /// <summary>Adds a command as soon as there is room; false if there never will be.</summary>
    public async ValueTask<bool> AddAsync(PendingCommand command)
    {
        var flow = command.Flow ?? own;
        while (true)
        {
            Task room;
            using (gate.Enter())
            {
                if (completed)
                {
                    return false;
                }

                if (HasRoom(flow))
                {
                    Add(flow, command);
                    return true;
                }

                flow.Room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                room = flow.Room.Task;
            }

            await room;
        }
    }

    /// <summary>Begins a batch, which <see cref="TryTake"/> then fills.</summary>
    public void BeginBatch()
    {
        using (gate.Enter())
        {
            scheduler.BeginBatch();
        }
    }

    /// <summary>Takes the next command of the batch; false when it has what it may have.</summary>
    public bool TryTake([NotNullWhen(true)] out PendingCommand? command)
    {
        using (gate.Enter())
        {
            if (!scheduler.TryTake(out command, out var flow))
            {
                return false;
            }

            count = scheduler.Count;
            if (flow.Room is { } waiting && HasAmpleRoom(flow))
            {
                flow.Room = null;
                waiting.SetResult();
            }

            return true;
        }
    }

    /// <summary>
    /// Completes when there is something to take, or nothing will ever be; then it is false. Only the proposer calls
    /// it.
    /// </summary>
    public ValueTask<bool> WaitToTakeAsync()
    {
        short version;
        using (gate.Enter())
        {
            if (completed || count > 0)
            {
                return ValueTask.FromResult(!completed);
            }

            work.Reset();
            readerWaits = true;
            version = work.Version;
        }

        return new ValueTask<bool>(this, version);
    }

    /// <summary>Nothing is added any more. What waits can still be taken.</summary>
    public void Complete()
    {
        using (gate.Enter())
        {
            completed = true;
            foreach (var flow in scheduler.Flows)
            {
                flow.Room?.SetResult();
                flow.Room = null;
            }

            Wake();
        }
    }

    bool IValueTaskSource<bool>.GetResult(short token) => work.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => work.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags
    ) => work.OnCompleted(continuation, state, token, flags);

    private void Add(ProposalFlow flow, PendingCommand command)
    {
        scheduler.Add(flow, command);
        count = scheduler.Count;
        Wake();
    }

    private void Wake()
    {
        if (readerWaits)
        {
            readerWaits = false;
            work.SetResult(!completed);
        }
    }

    private bool HasRoom(ProposalFlow flow) => flow.Count == 0 || (count < length && flow.Count < LengthOf(flow));

    // So that a connection is not read on for each single command that was taken.
    private bool HasAmpleRoom(ProposalFlow flow) =>
        flow.Count == 0 || (count < length && flow.Count <= LengthOf(flow) / 2);

    private int LengthOf(ProposalFlow flow) =>
        flow == own ? length
        : scheduler.HasPolite ? shares.ContendedFlowLength
        : shares.FlowLength;
}
