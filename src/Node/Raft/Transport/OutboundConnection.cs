// A connection that this node makes to another member: one request at a time, then its answer. The first byte of a
// request says what it asks for. An election and a round of replication are bounded by what the other members have
// answered; all else by the library's own bound for a request. An answer is looked at like a request: whoever has taken
// a member's address must not end the cluster by a term beyond all others.
using System.Buffers.Binary;
using System.Net;

namespace RaftLocks.Node.Raft.Transport;

/// <summary>A connection to another member.</summary>
internal sealed class OutboundConnection : RaftConnection
{
    private readonly RaftTransport transport;
    private readonly EndPoint remote;
    private readonly ReplicationRounds.Exchange exchange;
    private volatile Stream? stream;
    private ElectionRequest? election;
    private bool inRequest;
    private bool isExchange;
    private byte asked;
    private int answered;

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
        var read = await ReadAnswerAsync(stream ?? throw Closed(), buffer, token);
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
        (asked, answered) = (request[0], 0);
        election = asked switch
        {
            RequestFormat.Vote => transport.Elections.Ask(remote, request, transport.VoteTime, Abort),
            RequestFormat.PreVote => transport.Elections.Ask(remote, request, transport.PreVoteTime, Abort),
            _ => null,
        };
        isExchange = asked == RequestFormat.AppendEntries;
        if (isExchange)
        {
            exchange.Begin();
        }
    }

    private async ValueTask<int> ReadAnswerAsync(Stream from, Memory<byte> buffer, CancellationToken token)
    {
        var hasTerm = answered == 0 && RequestFormat.HasSender(asked);
        var read = await from.ReadAsync(buffer, token);
        while (hasTerm && read is > 0 and < RequestFormat.TermBytes)
        {
            var more = await from.ReadAsync(buffer[read..], token);
            read = more == 0 ? 0 : read + more;
        }

        answered += read;
        var reason =
            answered
            > (asked == RequestFormat.Metadata ? TransportLimits.MaxMetadataBytes : RequestFormat.MaxAnswerBytes)
                ? $"an answer of more bytes than it has"
            : hasTerm
            && read > 0
            && BinaryPrimitives.ReadInt64LittleEndian(buffer.Span) is var term
            && (term < 0 || term - transport.Admission.Term > transport.Admission.MaxTermJump)
                ? $"an answer of term {term}, too far beyond this node's own"
            : null;
        if (reason is not null)
        {
            Abort();
            transport.Admission.OnRefused(remote, isUnknown: false, reason);
            throw new IOException($"{remote} gave {reason}.");
        }

        return read;
    }

    private async ValueTask<Stream> ConnectAsync(CancellationToken token)
    {
        using var timer = new CancellationTokenSource(transport.ConnectTimeout, transport.Time);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(token, ConnectionClosed, timer.Token);
        try
        {
            stream = await transport.OpenAsync(remote, bound.Token);
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
