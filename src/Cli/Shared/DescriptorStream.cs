// The output or the error output as the system gives it. .NET's own stream keeps silent when the reader has gone, so
// that a watch would go on for ever.
using System.ComponentModel;
using System.Runtime.InteropServices;
using RaftLocks.Cli.Guard;

namespace RaftLocks.Cli.Shared;

/// <summary>Writing to an open file of this process failed.</summary>
/// <param name="error">The system's number of the error.</param>
internal sealed class OutputException(int error)
    : IOException($"The output can't be written: {new Win32Exception(error).Message}.")
{
    /// <summary>Whether the reader of a pipe has gone: nothing to complain of.</summary>
    public bool IsReaderGone => error == Libc.BrokenPipe;
}

/// <summary>Writes to an open file of this process.</summary>
/// <param name="file">The number of the file descriptor.</param>
/// <param name="isForgiving">Whether what can't be written is left out.</param>
internal sealed unsafe class DescriptorStream(int file, bool isForgiving) : Stream
{
    private const int TryAgainLinux = 11;
    private const int TryAgainMac = 35;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

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
        fixed (byte* first = buffer)
        {
            for (var done = 0; done < buffer.Length;)
            {
                var written = Libc.Write(file, first + done, buffer.Length - done);
                if (written >= 0)
                {
                    done += (int)written;
                    continue;
                }

                switch (Marshal.GetLastPInvokeError())
                {
                    case Libc.Interrupted:
                        break;
                    case TryAgainLinux or TryAgainMac:
                        // Whoever shares the file made it one that does not block.
                        Thread.Sleep(Pause);
                        break;
                    case var _ when isForgiving:
                        return;
                    case var error:
                        throw new OutputException(error);
                }
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // Nothing is kept back.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
