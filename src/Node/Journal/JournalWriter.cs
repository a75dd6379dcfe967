// Writes the journal in the background: takes items from the feed, commits by time and bytes, begins new segments,
// deletes old ones, and after a failure tries again. One task; the locks never wait for it.
using RaftLocks.Journal;
using RaftLocks.Ledger;
using RaftLocks.Node.Foundation;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Journal;

internal sealed class JournalWriter(
    JournalOptions options,
    JournalFeed feed,
    JournalFolder folder,
    IJournalListener listener,
    TimeProvider time,
    ILogger logger
)
{
    private readonly JournalRetention retention = new(options, folder, time, logger);
    private readonly List<TaskCompletionSource> waiting = [];
    private SegmentWriter? segment;
    private JournalPosition last;
    private volatile Durable durable = new(default);
    private long lastCommit;
    private long lastLook;
    private long failedAt;
    private long roomInSegment;
    private long segmentStart;
    private long segmentBegun;
    private bool restartAsked;
    private volatile string stopReason = "";
    private long gaps;

    /// <summary>
    /// Asks for a checkpoint, saying what became of the records before it: the state is frozen and put into the feed;
    /// false when it is too early.
    /// </summary>
    public Func<string, bool> RequestCheckpoint { get; set; } = _ => false;

    public JournalStatus Status
    {
        get
        {
            var state =
                stopReason.Length > 0 ? "stopped"
                : feed.NeedsCheckpoint ? "behind"
                : "on";
            var at = durable.Position;
            return new JournalStatus(
                state,
                stopReason,
                at.Position,
                at.Index,
                retention.Bytes,
                retention.Segments,
                feed.QueuedBytes,
                feed.LeftOut,
                Volatile.Read(ref gaps)
            );
        }
    }

    /// <summary>
    /// Opens what is on disk; called once, before <see cref="RunAsync"/>. Null when there is nothing.
    /// </summary>
    public JournalPosition? Open()
    {
        try
        {
            if (folder.OpenNewest((aside, why) => JournalLog.SetAside(logger, aside, why)) is not { } opened)
            {
                return null;
            }

            segment = opened.Writer;
            last = opened.Last;
            durable = new Durable(last);
            roomInSegment = SizeFor(opened.CheckpointBytes) - segment.Length;
            (segmentStart, segmentBegun) = (opened.Start, time.GetTimestamp());
            retention.Look();
            JournalLog.Opened(logger, folder.Directory, last.Position, retention.Segments, retention.Bytes);
            return last;
        }
        catch (Exception e)
        {
            // Whatever the error is, the node starts without the journal, and the journal tries again.
            Stop(e.Message, e);
            return null;
        }
    }

    /// <summary>Writes until the feed is complete and empty.</summary>
    public async Task RunAsync()
    {
        var more = true;
        while (more)
        {
            while (feed.Queue.TryRead(out var item))
            {
                await TakeAsync(item);
            }

            await CommitIfDueAsync();
            Look();
            more = await feed.LingerAsync(
                segment is { Uncommitted: > 0 } ? options.CommitEvery : options.LookEvery,
                time
            );
        }

        await CommitAsync();
        Close();
    }

    private async Task TakeAsync(QueuedItem item)
    {
        try
        {
            if (item.State is { } state)
            {
                await BeginSegmentAsync(state, item.Text);
            }
            else if (item.Buffer is not null && segment is not null)
            {
                Append(item);
            }
            else if (item.Buffer is not null)
            {
                feed.CountLeftOut();
            }
        }
        catch (Exception e)
        {
            // Whatever the error is, the locks continue to work without the journal, and the journal tries again.
            Stop(e.Message, e);
        }
        finally
        {
            feed.Release(item);
        }

        if (item.Flushed is { } flushed)
        {
            waiting.Add(flushed);
        }

        await CommitIfDueAsync();
    }

    private void Append(in QueuedItem item)
    {
        var before = segment!.Tail;
        segment.Append(ItemKind.Record, item.Record);
        roomInSegment -= segment.Tail - before;
        last = item.At;
        listener.OnRecord(item.Record);
        if (roomInSegment <= 0 && !restartAsked)
        {
            restartAsked = RequestCheckpoint("");
        }
    }

    private async Task BeginSegmentAsync(FrozenState state, string text)
    {
        restartAsked = false;
        await CommitAsync();
        Close();
        CheckRoom();
        var start = new JournalPosition(state.Ledger.Position, state.Ledger.Head, state.Index);
        var reason =
            start.Position == 0 ? CheckpointReason.Beginning
            : start.Position == last.Position && start.Head == last.Head ? CheckpointReason.Continues
            : CheckpointReason.Gap;
        var header = new CheckpointHeader(reason, last, options.Node, reason == CheckpointReason.Gap ? text : "");
        segment = folder.Create(start.Position);
        segment.Append(ItemKind.Checkpoint, item => CheckpointItem.Write(header, state, item));
        roomInSegment = SizeFor(segment.Length) - segment.Length;
        (segmentStart, segmentBegun) = (start.Position, time.GetTimestamp());
        if (reason == CheckpointReason.Gap)
        {
            Interlocked.Increment(ref gaps);
            listener.OnGap(last.Index, start.Index, text);
            JournalLog.Gap(logger, start.Position, start.Index, start.Position - last.Position, text);
        }

        last = start;
        await CommitAsync();
        stopReason = "";
        retention.Retire();
    }

    // The checkpoint of a large state may exceed what a segment is to have. A segment that is opened again must know
    // that too: else every start of a node with a million locks would begin with a new checkpoint.
    private long SizeFor(long checkpointBytes) =>
        Math.Max(options.SegmentBytes, checkpointBytes * options.SegmentToCheckpoint);

    private async Task CommitIfDueAsync()
    {
        if (
            waiting.Count > 0
            || (
                segment is { Uncommitted: > 0 } open
                && (open.Uncommitted >= options.CommitBytes || time.GetElapsedTime(lastCommit) >= options.CommitEvery)
            )
        )
        {
            await CommitAsync();
        }
    }

    private async Task CommitAsync()
    {
        if (segment is not null)
        {
            try
            {
                await segment.CommitAsync();
                durable = new Durable(last);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Stop(e.Message, e);
            }
        }

        lastCommit = time.GetTimestamp();
        waiting.ForEach(flushed => flushed.SetResult());
        waiting.Clear();
    }

    // Every second or so: is there room, is anything too old, can a journal that stopped go on, has one that fell
    // behind caught up?
    private void Look()
    {
        if (time.GetElapsedTime(lastLook) < options.LookEvery)
        {
            return;
        }

        lastLook = time.GetTimestamp();
        try
        {
            retention.Look();
            if (segment is not null)
            {
                CheckRoom();
                retention.Retire();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Stop(e.Message, e);
        }

        if (
            !restartAsked
            && segment is not null
            && last.Position > segmentStart
            && time.GetElapsedTime(segmentBegun) >= options.RollAfter
        )
        {
            // So that what is too old can be deleted, however little is written.
            restartAsked = RequestCheckpoint("");
        }

        if (restartAsked || !feed.NeedsCheckpoint)
        {
            return;
        }

        if (stopReason.Length == 0)
        {
            JournalLog.FallsBehind(logger);
            restartAsked = RequestCheckpoint("the journal could not keep up");
        }
        else if (time.GetElapsedTime(failedAt) >= options.RetryAfter)
        {
            failedAt = time.GetTimestamp();
            restartAsked = RequestCheckpoint("the journal had stopped: " + stopReason);
        }
    }

    private void CheckRoom()
    {
        var freeMiB = retention.FreeMiB;
        if (freeMiB < 0)
        {
            throw new JournalWriteException("its folder has gone, or can't be looked at");
        }

        if (freeMiB < options.KeepFreeBytes >> 20)
        {
            throw new JournalWriteException(
                $"less than {options.KeepFreeBytes >> 20} MiB of the disk are free, which are kept for the Raft "
                    + "log (--journal-keep-free-mb)"
            );
        }
    }

    private void Stop(string reason, Exception cause)
    {
        feed.Stop();
        restartAsked = false;
        failedAt = time.GetTimestamp();
        last = durable.Position;
        Close();
        if (stopReason != reason)
        {
            stopReason = reason;
            JournalLog.Stopped(
                logger,
                reason,
                retention.FreeMiB,
                options.RetryAfter.TotalSeconds,
                cause is IOException ? null : cause
            );
        }
    }

    private void Close()
    {
        if (segment is not { } open)
        {
            return;
        }

        segment = null;
        try
        {
            var isBare = open.Committed == 0;
            open.Dispose();
            if (isBare)
            {
                JournalFolder.Delete(open.Directory);
            }
        }
        catch (Exception e)
        {
            // A failing disk fails here too; the reason was reported already. What is left is no segment, and is passed
            // over.
            JournalLog.NotClosed(logger, open.Directory, e);
        }
    }

    private sealed record Durable(JournalPosition Position);
}
