// A connection that another member has made. The library reads a request's entries while it holds the lock that
// elections need, so a member that is frozen in the middle of a request would keep this node from voting for as long as
// a request may take. Hence the bound on silence within a request.
using System.Diagnostics;
using Microsoft.AspNetCore.Connections;

namespace RaftLocks.Node.Raft.Transport;

/// <summary>A connection that another member has made.</summary>
internal sealed class InboundConnection : RaftConnection
{
    private readonly Stream stream;
    private readonly InboundTable table;
    private readonly ITimer silence;
    private long lastReadAt = Stopwatch.GetTimestamp();
    private bool inRequest;

    /// <summary>Makes a connection from an accepted stream.</summary>
    /// <param name="accepted">Its stream.</param>
    /// <param name="table">The table that counts it while it is open.</param>
    /// <param name="time">The clock.</param>
    public InboundConnection(AcceptedStream accepted, InboundTable table, TimeProvider time)
        : base(accepted.From)
    {
        stream = accepted.Stream;
        this.table = table;
        silence = time.CreateTimer(_ => Abort(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The time when bytes last arrived, a reading of the monotonic clock.</summary>
    public long LastReadAt => Volatile.Read(ref lastReadAt);

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken token)
    {
        // Between two requests a member may be silent for as long as it likes.
        if (inRequest)
        {
            silence.Change(TransportLimits.SilenceInRequest, Timeout.InfiniteTimeSpan);
        }

        int read;
        try
        {
            read = await stream.ReadAsync(buffer, token);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // A member that was killed is no error of this node. The library ignores this exception.
            throw new ConnectionResetException(e.Message, e);
        }

        if (inRequest)
        {
            silence.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        inRequest = true;
        Volatile.Write(ref lastReadAt, Stopwatch.GetTimestamp());
        return read;
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken token)
    {
        inRequest = false;
        return stream.WriteAsync(bytes, token);
    }

    /// <inheritdoc/>
    protected override void CloseStream()
    {
        silence.Dispose();
        stream.Dispose();
        table.Remove(this);
    }
}
