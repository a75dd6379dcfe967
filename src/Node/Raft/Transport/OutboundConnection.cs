// A connection that this node makes to another member: one request at a time, then its answer. The first byte of a
// request says what it asks for. An election and a round of replication are bounded by what the other members have
// answered; all else by the library's own bound for a request.
using System.Net;

namespace RaftLocks.Node.Raft.Transport;

/// <summary>A connection to another member.</summary>
internal sealed class OutboundConnection : RaftConnection
{
    private const byte Vote = 1;
    private const byte AppendEntries = 4;
    private const byte PreVote = 7;

    private readonly RaftTransport transport;
    private readonly EndPoint remote;
    private readonly ReplicationRounds.Exchange exchange;
    private volatile Stream? stream;
    private ElectionRequest? election;
    private bool inRequest;
    private bool isExchange;

    /// <summary>A connection that is made with the first write.</summary>
    /// <param name="transport">This node's.</param>
    /// <param name="remote">The member.</param>
    public OutboundConnection(RaftTransport transport, EndPoint remote)
        : base(remote)
    {
        this.transport = transport;
        this.remote = remote;
        exchange = transport.Replication.Watch(Abort);
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken token)
    {
        if (!inRequest)
        {
            inRequest = true;
            Begin(bytes.Span);
        }

        exchange.Bytes += bytes.Length;
        await (stream ?? await ConnectAsync(token)).WriteAsync(bytes, token);
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken token)
    {
        // An answer may come in pieces: what follows a request is bounded until the library reads no more.
        inRequest = false;
        election?.BeginRead();
        var read = await (stream ?? throw Closed()).ReadAsync(buffer, token);
        election?.EndRead(read > 0);
        if (isExchange)
        {
            isExchange = false;
            exchange.End();
        }

        return read;
    }

    /// <inheritdoc/>
    protected override void CloseStream()
    {
        stream?.Dispose();
        exchange.Dispose();
        election?.End();
    }

    private void Begin(ReadOnlySpan<byte> request)
    {
        election?.End();
        election = request[0] switch
        {
            Vote => transport.Elections.Ask(remote, request, transport.VoteTime, Abort),
            PreVote => transport.Elections.Ask(remote, request, transport.PreVoteTime, Abort),
            _ => null,
        };
        isExchange = request[0] == AppendEntries;
        if (isExchange)
        {
            exchange.Begin();
        }
    }

    private async ValueTask<Stream> ConnectAsync(CancellationToken token)
    {
        using var timer = new CancellationTokenSource(transport.ConnectTimeout, transport.Time);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(token, ConnectionClosed, timer.Token);
        try
        {
            stream = await transport.Network.ConnectAsync(remote, bound.Token);
        }
        catch (OperationCanceledException e) when (!token.IsCancellationRequested)
        {
            throw new TimeoutException($"{remote} has not accepted the connection in time.", e);
        }

        if (IsAborted)
        {
            stream.Dispose();
            throw Closed();
        }

        return stream;
    }

    private IOException Closed() => new($"The connection to {remote} is closed.");
}
