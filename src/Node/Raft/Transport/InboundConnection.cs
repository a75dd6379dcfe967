// A connection that another member has made. Each request is looked at (RequestGuard.cs) before the library sees its
// first byte. While a request arrives the other end may not be silent for long: a member that is frozen in the middle
// of one is cut off, and so is a stranger that never says who it is.
using System.Buffers;
using System.Diagnostics;
using Microsoft.AspNetCore.Connections;

namespace RaftLocks.Node.Raft.Transport;

/// <summary>A connection that another member has made.</summary>
internal sealed class InboundConnection : RaftConnection
{
    private readonly Stream stream;
    private readonly InboundTable table;
    private readonly IAdmission admission;
    private readonly RequestGuard guard;
    private readonly ITimer silence;
    private readonly ITimer introduction;
    private readonly bool isProven;
    private long lastReadAt = Stopwatch.GetTimestamp();

    // A request that did not arrive at once, and how much of it is handed on.
    private byte[]? gathered;
    private int gatheredBytes;
    private int handedOn;

    /// <summary>Makes a connection from an accepted stream.</summary>
    /// <param name="accepted">Its stream.</param>
    /// <param name="table">The table that counts it while it is open.</param>
    /// <param name="admission">Who may say what.</param>
    /// <param name="time">The clock.</param>
    public InboundConnection(AcceptedStream accepted, InboundTable table, IAdmission admission, TimeProvider time)
        : base(accepted.From)
    {
        stream = accepted.Stream;
        this.table = table;
        this.admission = admission;
        isProven = accepted.Names is not null;
        guard = new RequestGuard(admission, accepted.Names);
        silence = time.CreateTimer(_ => Abort(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        introduction = time.CreateTimer(
            _ => AbortIfUnknown(),
            null,
            TransportLimits.IntroductionTime,
            Timeout.InfiniteTimeSpan
        );
    }

    /// <summary>The time when bytes last arrived, a reading of the monotonic clock.</summary>
    public long LastReadAt => Volatile.Read(ref lastReadAt);

    /// <summary>Whether a member is at the other end, as far as it has shown.</summary>
    public bool IsMembers => isProven || guard.Sender is not null;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken token)
    {
        if (gathered is not null)
        {
            return HandOn(buffer);
        }

        var inSnapshot = guard.IsInSnapshot;
        var read = await ReceiveAsync(buffer, inSnapshot, token);
        try
        {
            if (read == 0)
            {
                return 0;
            }

            if (inSnapshot)
            {
                guard.Follow(buffer.Span[..read]);
                return read;
            }

            if (guard.Check(buffer.Span[..read]))
            {
                return read;
            }

            return await GatherAsync(buffer[..read], token) ? HandOn(buffer) : 0;
        }
        catch (RefusedException e)
        {
            Abort();
            admission.OnRefused(RemoteEndPoint, e.IsUnknown, e.Message);
            throw;
        }
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken token) =>
        stream.WriteAsync(bytes, token);

    /// <inheritdoc/>
    protected override void CloseStream()
    {
        silence.Dispose();
        introduction.Dispose();
        stream.Dispose();
        table.Remove(this);
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        if (gathered is { } bytes)
        {
            gathered = null;
            GiveBack(bytes);
        }
    }

    private void AbortIfUnknown()
    {
        if (!IsMembers)
        {
            Abort();
            admission.OnRefused(RemoteEndPoint, isUnknown: true, "a connection that has not said whose it is");
        }
    }

    private async ValueTask<int> ReceiveAsync(Memory<byte> into, bool inRequest, CancellationToken token)
    {
        // Between two requests a member may be silent for as long as it likes.
        if (inRequest)
        {
            silence.Change(TransportLimits.SilenceInRequest, Timeout.InfiniteTimeSpan);
        }

        try
        {
            return await stream.ReadAsync(into, token);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // A member that was killed is no error of this node. The library ignores this exception.
            throw new ConnectionResetException(e.Message, e);
        }
        finally
        {
            if (inRequest && !IsAborted)
            {
                silence.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }

            Volatile.Write(ref lastReadAt, Stopwatch.GetTimestamp());
        }
    }

    /// <summary>Gathers a request that has not arrived at once. What it takes grows with what has come, not with what
    /// is announced.</summary>
    /// <returns>False if the connection ended before.</returns>
    private async ValueTask<bool> GatherAsync(ReadOnlyMemory<byte> begun, CancellationToken token)
    {
        var bytes = Rent(TransportLimits.BlockBytes * 2);
        var count = begun.Length;
        try
        {
            begun.CopyTo(bytes);
            while (true)
            {
                if (count == bytes.Length)
                {
                    var larger = Rent(bytes.Length * 2);
                    bytes.AsSpan(0, count).CopyTo(larger);
                    GiveBack(bytes);
                    bytes = larger;
                }

                var read = await ReceiveAsync(bytes.AsMemory(count), inRequest: true, token);
                if (read == 0)
                {
                    return false;
                }

                count += read;
                if (guard.Check(bytes.AsSpan(0, count)))
                {
                    (gathered, gatheredBytes, handedOn) = (bytes, count, 0);
                    return true;
                }
            }
        }
        finally
        {
            if (gathered is null)
            {
                GiveBack(bytes);
            }
        }
    }

    private byte[] Rent(int bytes)
    {
        if (bytes > TransportLimits.MaxRequestBytes || !table.TryGather(bytes))
        {
            throw new RefusedException(
                bytes > TransportLimits.MaxRequestBytes
                    ? $"a request of more than {TransportLimits.MaxRequestBytes} bytes from {guard.Sender}"
                    : $"a large request from {guard.Sender}, while other large ones arrive"
            );
        }

        return ArrayPool<byte>.Shared.Rent(bytes);
    }

    private void GiveBack(byte[] bytes)
    {
        table.Gathered(bytes.Length);
        ArrayPool<byte>.Shared.Return(bytes);
    }

    private int HandOn(Memory<byte> buffer)
    {
        var count = Math.Min(buffer.Length, gatheredBytes - handedOn);
        gathered.AsMemory(handedOn, count).CopyTo(buffer);
        handedOn += count;
        if (handedOn == gatheredBytes)
        {
            GiveBack(gathered!);
            gathered = null;
        }

        return count;
    }
}
