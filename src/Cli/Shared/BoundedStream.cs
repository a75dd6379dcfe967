// The error output. Who reads it may have stopped reading while the pipe is full; nothing that ends a command may wait
// for that.
namespace RaftLocks.Cli.Shared;

/// <summary>Writes to another stream on a thread of its own, so that a write ends within a bound.</summary>
/// <param name="inner">The stream beneath. It may block for ever.</param>
/// <param name="bound">How long a write waits until its bytes are written. While older bytes are late it does not wait
/// at all.</param>
/// <param name="begin">Runs first on the thread that writes.</param>
internal sealed class BoundedStream(Stream inner, TimeSpan bound, Action? begin = null) : Stream
{
    // What is not read is kept up to this; what comes after it is left out.
    private const int MaxKept = 64 * 1024;

    private readonly object mutex = new();
    private readonly Queue<byte[]> kept = new();
    private long keptBytes;
    private bool isLate;
    private bool isStarted;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        lock (mutex)
        {
            if (buffer.IsEmpty || (kept.Count > 0 && keptBytes + buffer.Length > MaxKept))
            {
                return;
            }

            kept.Enqueue(buffer.ToArray());
            keptBytes += buffer.Length;
            if (!isStarted)
            {
                isStarted = true;
                new Thread(WriteKept) { IsBackground = true }.Start();
            }

            Monitor.PulseAll(mutex);
            isLate = isLate || !IsWrittenWithin(bound);
        }
    }

    /// <summary>Waits once more for what is late, before the process ends.</summary>
    public void Drain(TimeSpan timeout)
    {
        lock (mutex)
        {
            _ = IsWrittenWithin(timeout);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // A write waits itself.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private bool IsWrittenWithin(TimeSpan time)
    {
        var until = Environment.TickCount64 + (long)time.TotalMilliseconds;
        while (kept.Count > 0 && until - Environment.TickCount64 is > 0 and var left)
        {
            Monitor.Wait(mutex, TimeSpan.FromMilliseconds(left));
        }

        return kept.Count == 0;
    }

    private void WriteKept()
    {
        begin?.Invoke();
        while (true)
        {
            byte[] next;
            lock (mutex)
            {
                while (kept.Count == 0)
                {
                    Monitor.Wait(mutex);
                }

                next = kept.Peek();
            }

            inner.Write(next);
            lock (mutex)
            {
                // It stays in the queue until it is written: an empty queue means that all is.
                kept.Dequeue();
                keptBytes -= next.Length;
                isLate &= kept.Count > 0;
                Monitor.PulseAll(mutex);
            }
        }
    }
}
