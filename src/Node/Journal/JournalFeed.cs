// From apply to the journal: copies what was applied into a queue of bounded size. Called under the state's lock, so it
// never waits: when the queue is full it leaves records out, and the journal goes on later with a new checkpoint that
// tells of the gap.
using System.Buffers;
using System.Threading.Channels;
using RaftLocks.Ledger;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Journal;

/// <summary>
/// An item that waits to be written: a record, a checkpoint, or a request to be told when everything before it is
/// durable.
/// </summary>
internal readonly record struct QueuedItem(
    byte[]? Buffer,
    int Length,
    JournalPosition At,
    FrozenState? State = null,
    string Text = "",
    TaskCompletionSource? Flushed = null
)
{
    public ReadOnlySpan<byte> Record => Buffer.AsSpan(0, Length);
}

internal sealed class JournalFeed(JournalOptions options) : IApplyObserver
{
    private readonly Channel<QueuedItem> queue = Channel.CreateUnbounded<QueuedItem>(
        new UnboundedChannelOptions { SingleReader = true }
    );
    private readonly RecordItemWriter item = new();
    private JournalPosition? onDisk;
    private LedgerHead fed;
    private readonly Lock turn = new();
    private volatile TaskCompletionSource hurry = NewHurry();
    private bool restored;
    private volatile bool needsCheckpoint;
    private volatile bool flows;
    private long queuedBytes;
    private long leftOut;
    private long disagreements;

    /// <summary>
    /// Opens the journal, once, when the data folder is ours; returns its position, or null when it is empty.
    /// </summary>
    public required Func<JournalPosition?> Open { get; init; }

    /// <summary>Called when the journal on disk is not the history of this state.</summary>
    public required Action<long> OnDisagreement { get; init; }

    public ChannelReader<QueuedItem> Queue => queue.Reader;

    /// <summary>Whether records are left out, until there is a new checkpoint.</summary>
    public bool NeedsCheckpoint => needsCheckpoint;

    /// <summary>Bytes that wait.</summary>
    public long QueuedBytes => Volatile.Read(ref queuedBytes);

    /// <summary>Records that were left out since the start.</summary>
    public long LeftOut => Volatile.Read(ref leftOut);

    /// <summary>Times that the journal on disk was not the history of this state.</summary>
    public long Disagreements => Volatile.Read(ref disagreements);

    public void OnRestored(LockStateMachine machine)
    {
        var now = machine.LedgerHead;
        if (!restored)
        {
            restored = true;
            onDisk = Open();
            fed = onDisk is { } last ? new LedgerHead(last.Head, last.Position) : default;
            if (onDisk is null)
            {
                Restart(machine, now.Position == 0 ? "" : "the journal was begun here");
                return;
            }
        }

        if (now.Position > fed.Position)
        {
            Restart(machine, "the node went on from a snapshot that is ahead of its journal");
        }
        else if (now.Position == fed.Position)
        {
            Reach(machine);
        }
    }

    public void OnApplied(LockStateMachine machine, EventList events)
    {
        var now = machine.LedgerHead;
        if (now.Position <= fed.Position)
        {
            if (now.Position == fed.Position)
            {
                Reach(machine);
            }

            return;
        }

        fed = now;
        if (!flows)
        {
            Interlocked.Increment(ref leftOut);
            return;
        }

        var bytes = item.Write(machine, events);
        if (QueuedBytes + bytes.Length > options.QueueBytes)
        {
            Stop();
            Interlocked.Increment(ref leftOut);
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(buffer);
        if (Interlocked.Add(ref queuedBytes, bytes.Length) > options.CommitBytes)
        {
            Hurry();
        }

        queue.Writer.TryWrite(
            new QueuedItem(buffer, bytes.Length, new JournalPosition(now.Position, now.Head, machine.AppliedIndex))
        );
    }

    public async Task OnCompactingAsync()
    {
        if (flows)
        {
            await FlushAsync()
                .WaitAsync(options.CompactionTimeout)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Completes when all that is queued now is durable, or was given up.</summary>
    public Task FlushAsync()
    {
        var flushed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!queue.Writer.TryWrite(new QueuedItem(Buffer: null, 0, default, Flushed: flushed)))
        {
            flushed.SetResult();
        }

        Hurry();
        return flushed.Task;
    }

    /// <summary>
    /// Waits until there is something in the queue, and then a little for more to come: to be woken for each record
    /// would cost more than to write it. Somebody who waits, or much in the queue, cuts that short. False when nothing
    /// more comes.
    /// </summary>
    public async Task<bool> LingerAsync(TimeSpan timeout, TimeProvider time)
    {
        using var timer = new CancellationTokenSource(timeout, time);
        try
        {
            if (!await queue.Reader.WaitToReadAsync(timer.Token))
            {
                return false;
            }
        }
        catch (OperationCanceledException)
        {
            return true;
        }

        // A caller that hurries now and is missed has its item in the queue already: it is taken out next.
        await Task.WhenAny(hurry.Task, Task.Delay(options.LingerFor));
        hurry = NewHurry();
        return true;
    }

    /// <summary>Lets records flow from here on, behind a checkpoint. Call it while the state stands still.</summary>
    /// <param name="machine">The state.</param>
    /// <param name="text">What became of the records that are missing, if any are.</param>
    /// <returns>False when it is too early: entries that are in the journal already are being applied again.</returns>
    public bool Restart(LockStateMachine machine, string text)
    {
        if (machine.LedgerHead.Position < fed.Position)
        {
            return false;
        }

        lock (turn)
        {
            fed = machine.LedgerHead;
            needsCheckpoint = false;
            flows = queue.Writer.TryWrite(new QueuedItem(Buffer: null, 0, default, machine.Freeze(), text));
        }

        return true;
    }

    /// <summary>Stops taking records until there is a new checkpoint. Any thread may call it.</summary>
    public void Stop()
    {
        lock (turn)
        {
            needsCheckpoint = true;
            flows = false;
        }
    }

    /// <summary>Counts a record that was taken in and could not be written.</summary>
    public void CountLeftOut() => Interlocked.Increment(ref leftOut);

    /// <summary>Nothing more comes.</summary>
    public void Complete()
    {
        queue.Writer.TryComplete();
        Hurry();
    }

    /// <summary>An item was taken out of the queue.</summary>
    public void Release(in QueuedItem taken)
    {
        if (taken.Buffer is not null)
        {
            Interlocked.Add(ref queuedBytes, -taken.Length);
            ArrayPool<byte>.Shared.Return(taken.Buffer);
        }
    }

    private static TaskCompletionSource NewHurry() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Hurry() => hurry.TrySetResult();

    // What is applied reaches what is in the journal: from here on records are new. The two must be the same history.
    private void Reach(LockStateMachine machine)
    {
        if (onDisk is not { } last || last.Position != fed.Position)
        {
            return;
        }

        onDisk = null;
        if (last.Head == machine.LedgerHead.Head)
        {
            lock (turn)
            {
                flows = !needsCheckpoint;
            }

            return;
        }

        Interlocked.Increment(ref disagreements);
        OnDisagreement(last.Position);
        Restart(machine, "what the journal held before is not the history of this node's state");
    }
}
