// The replies of one connection, in order, between whoever applies the log and the connection's writer; and how far the
// connection is ahead of its replies. Bounded: the reader stops at a number of unanswered messages, each has at most
// two replies, and what else the node says is said at most a few times for each lock; only progress is said again and
// again, and there the newest takes the older one's place.
using System.Threading.Tasks.Sources;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Sessions.Wire;

/// <summary>One writer takes from it, one reader announces to it, anybody may add.</summary>
internal sealed class Outbox : IValueTaskSource
{
    private readonly OrderedLock gate = new(LockRank.Leaf);
    private SessionReply[] ring = [];
    private int head;
    private int count;
    private int unanswered;
    private long unansweredBytes;
    private CloseReason? closeReason;
    private bool broken;
    private bool writerWaits;
    private TaskCompletionSource? room;
    private ManualResetValueTaskSourceCore<bool> work = new() { RunContinuationsAsynchronously = true };

    private bool HasWork => broken || count > 0 || IsCloseDue;

    private bool IsCloseDue => closeReason is not null && (!closeReason.AfterReplies || unanswered == 0);

    /// <summary>Announces a message that will have an answer.</summary>
    public void Expect(int messageBytes)
    {
        using (gate.Enter())
        {
            unanswered++;
            unansweredBytes += messageBytes;
        }
    }

    /// <summary>Completes when the connection is not too far ahead of its answers.</summary>
    public Task WaitForRoomAsync()
    {
        TaskCompletionSource waited;
        using (gate.Enter())
        {
            if (broken || (unanswered < Limits.MaxUnansweredMessages && unansweredBytes < Limits.MaxUnansweredBytes))
            {
                return Task.CompletedTask;
            }

            waited = room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return waited.Task;
    }

    /// <summary>Adds a reply.</summary>
    public void Add(in SessionReply reply)
    {
        using (gate.Enter())
        {
            if (broken)
            {
                return;
            }

            if (reply.Kind == ReplyKind.Progress && TryReplace(reply))
            {
                return;
            }

            if (count == ring.Length)
            {
                Grow();
            }

            ring[(head + count++) & (ring.Length - 1)] = reply;
            Wake();
        }
    }

    /// <summary>
    /// Sets why the connection is closed, unless that is set; a reason that waits for replies gives way to one that
    /// does not.
    /// </summary>
    public void Close(CloseReason last)
    {
        using (gate.Enter())
        {
            if (closeReason is null || (closeReason.AfterReplies && !last.AfterReplies))
            {
                closeReason = last;
                Wake();
            }
        }
    }

    /// <summary>The connection is gone: nothing is taken any more.</summary>
    public void Break()
    {
        TaskCompletionSource? waiting;
        using (gate.Enter())
        {
            broken = true;
            (ring, head, count) = ([], 0, 0);
            waiting = room;
            room = null;
            Wake();
        }

        waiting?.TrySetResult();
    }

    /// <summary>Completes when there is something to take, or nothing will ever be. Only the writer calls it.</summary>
    public ValueTask WaitAsync()
    {
        short version;
        using (gate.Enter())
        {
            if (HasWork)
            {
                return ValueTask.CompletedTask;
            }

            work.Reset();
            writerWaits = true;
            version = work.Version;
        }

        return new ValueTask(this, version);
    }

    /// <summary>Takes the next reply.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="more">Whether another is there already.</param>
    public bool TryTake(out SessionReply reply, out bool more)
    {
        using (gate.Enter())
        {
            if (count == 0 || closeReason is { AfterReplies: false })
            {
                (reply, more) = (default, false);
                return false;
            }

            reply = ring[head];
            head = (head + 1) & (ring.Length - 1);
            more = --count > 0;
            return true;
        }
    }

    /// <summary>A message was answered.</summary>
    public void Answered()
    {
        TaskCompletionSource? waiting = null;
        using (gate.Enter())
        {
            // Sizes of single messages are not kept; the average serves the bound, and the last one makes it zero.
            unansweredBytes -= unansweredBytes / unanswered;
            unanswered--;
            if (room is not null && unanswered <= Limits.MaxUnansweredMessages / 2)
            {
                waiting = room;
                room = null;
            }
        }

        waiting?.TrySetResult();
    }

    /// <summary>Why the connection is closed, if it is time for that.</summary>
    public CloseReason? TakeCloseReason()
    {
        using (gate.Enter())
        {
            return !broken && IsCloseDue ? closeReason : null;
        }
    }

    /// <summary>Whether nothing more will come.</summary>
    public bool IsBroken
    {
        get
        {
            using (gate.Enter())
            {
                return broken;
            }
        }
    }

    void IValueTaskSource.GetResult(short token) => work.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => work.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags
    ) => work.OnCompleted(continuation, state, token, flags);

    // The client reads more slowly than its position in the queue changes.
    private bool TryReplace(in SessionReply progress)
    {
        for (var i = 0; i < count; i++)
        {
            ref var earlier = ref ring[(head + i) & (ring.Length - 1)];
            if (earlier.Kind == ReplyKind.Progress && earlier.Id == progress.Id)
            {
                earlier = progress;
                return true;
            }
        }

        return false;
    }

    private void Grow()
    {
        var larger = new SessionReply[Math.Max(2, ring.Length * 2)];
        for (var i = 0; i < count; i++)
        {
            larger[i] = ring[(head + i) & (ring.Length - 1)];
        }

        (ring, head) = (larger, 0);
    }

    private void Wake()
    {
        if (writerWaits && HasWork)
        {
            writerWaits = false;
            work.SetResult(true);
        }
    }
}
