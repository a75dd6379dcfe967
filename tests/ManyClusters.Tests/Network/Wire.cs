// One direction of a connection: bytes, each with the time at which it arrives. What the sender does last, closing or
// dying, travels behind them.
namespace RaftLocks.ManyClusters.Network;

/// <summary>Bytes on their way.</summary>
internal sealed class Wire
{
    // Whoever sends more than this before the other reads waits, as TCP would have it.
    private const int WindowBytes = 1 << 20;

    private readonly Link link;
    private readonly Lock gate = new();
    private readonly Queue<(byte[] Bytes, long ArrivesAt)> queue = new();
    private int firstOffset;
    private int queuedBytes;
    private bool finished;
    private bool broken;
    private bool readerGone;
    private bool senderGone;
    private bool isSilent;
    private TaskCompletionSource? changed;

    public Wire(Link link)
    {
        this.link = link;
        link.Add(this);
    }

    /// <summary>Sends.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken token)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        while (true)
        {
            Task next;
            lock (gate)
            {
                if (broken || finished || senderGone || (readerGone && !isSilent && !link.IsCut))
                {
                    throw new IOException("The connection is broken.");
                }

                if (readerGone)
                {
                    // Sent into a cut cable, or to a machine without power: that nobody is there any more is learnt
                    // later.
                    return;
                }

                if (queuedBytes < WindowBytes)
                {
                    queue.Enqueue((bytes.ToArray(), Environment.TickCount64 + link.DelayMs));
                    queuedBytes += bytes.Length;
                    Signal();
                    return;
                }

                next = Changed();
            }

            await next.WaitAsync(token);
        }
    }

    /// <summary>Receives; 0 at the end.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken token)
    {
        while (true)
        {
            Task next;
            var dueInMs = -1L;
            lock (gate)
            {
                if (broken || readerGone)
                {
                    throw new IOException("The connection is broken.");
                }

                if (!link.IsCut)
                {
                    if (queue.TryPeek(out var first))
                    {
                        dueInMs = first.ArrivesAt - Environment.TickCount64;
                        if (dueInMs <= 0)
                        {
                            return Take(first.Bytes, into.Span);
                        }
                    }
                    else if (finished)
                    {
                        return 0;
                    }
                }

                next = Changed();
            }

            if (dueInMs > 0)
            {
                using var waiting = CancellationTokenSource.CreateLinkedTokenSource(token);
                await Task.WhenAny(next, Task.Delay((int)dueInMs, waiting.Token));
                await waiting.CancelAsync();
                token.ThrowIfCancellationRequested();
            }
            else
            {
                await next.WaitAsync(token);
            }
        }
    }

    /// <summary>
    /// The sender sends no more. The receiver learns of it behind the last byte, and not while the link is cut.
    /// </summary>
    public void Finish()
    {
        lock (gate)
        {
            finished = true;
            Signal();
        }
    }

    /// <summary>The sender is gone, and nobody tells the receiver.</summary>
    public void LeaveSilently()
    {
        lock (gate)
        {
            senderGone = true;
            Signal();
        }
    }

    /// <summary>
    /// The receiver reads no more. The sender learns of it when it sends something, and not while the link is cut, or
    /// if nobody tells it.
    /// </summary>
    public void LeaveUnread(bool silently = false)
    {
        lock (gate)
        {
            readerGone = true;
            isSilent |= silently;
            queue.Clear();
            queuedBytes = 0;
            Signal();
        }

        link.Remove(this);
    }

    /// <summary>Both ends learn at once that nothing goes any more.</summary>
    public void Break()
    {
        lock (gate)
        {
            broken = true;
            queue.Clear();
            Signal();
        }

        link.Remove(this);
    }

    /// <summary>Lets a reader look again.</summary>
    public void Wake()
    {
        lock (gate)
        {
            Signal();
        }
    }

    private int Take(byte[] first, Span<byte> into)
    {
        var count = Math.Min(into.Length, first.Length - firstOffset);
        first.AsSpan(firstOffset, count).CopyTo(into);
        firstOffset += count;
        queuedBytes -= count;
        if (firstOffset == first.Length)
        {
            queue.Dequeue();
            firstOffset = 0;
            Signal();
        }

        return count;
    }

    private Task Changed() =>
        (changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private void Signal()
    {
        changed?.TrySetResult();
        changed = null;
    }
}
