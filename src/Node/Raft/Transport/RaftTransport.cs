// What the library is given in place of its own TCP transport. It adds what a minority that hangs would otherwise take
// from a majority that is well: elections and rounds of replication that do not wait for the last answer
// (ElectionRounds.cs, ReplicationRounds.cs), and a listener that never ends (InboundListener.cs). And it keeps from the
// library what strangers send (RequestGuard.cs, RaftTls.cs).
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace RaftLocks.Node.Raft.Transport;

/// <summary>Connections to and from the other members.</summary>
/// <param name="options">Limits, and the network beneath.</param>
/// <param name="admission">Who may speak with this node, and say what.</param>
/// <param name="members">How many members there are, this node included.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
/// <param name="lost">Called when members can no longer connect to this node.</param>
internal sealed class RaftTransport(
    TransportOptions options,
    IAdmission admission,
    Func<int> members,
    TimeProvider time,
    ILogger logger,
    Action<string, Exception?> lost
) : IConnectionListenerFactory, IConnectionFactory, IDisposable
{
    private readonly RaftTls? tls = options.Certificates is { } certificates
        ? new RaftTls(certificates, admission)
        : null;

    /// <summary>Who may speak with this node, and say what.</summary>
    public IAdmission Admission => admission;

    /// <summary>The elections that this node holds.</summary>
    public ElectionRounds Elections { get; } = new(members, Ms(options.ElectionGraceMs), time);

    /// <summary>How long the answer to a pre-vote may take.</summary>
    public TimeSpan PreVoteTime { get; } = Ms(options.PreVoteMs);

    /// <summary>How long a vote may take.</summary>
    public TimeSpan VoteTime { get; } = Ms(options.VoteMs);

    /// <summary>The entries that this node sends.</summary>
    public ReplicationRounds Replication { get; } = new(members, Ms(options.ReplicationGraceMs), time);

    /// <summary>How long connecting may take.</summary>
    public TimeSpan ConnectTimeout { get; } = Ms(options.ConnectTimeoutMs);

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <inheritdoc/>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(
            new InboundListener(options.Network, endpoint, admission, tls, time, logger, lost)
        );

    /// <summary>Connects to a member; with TLS it has proven that it is that member when this returns.</summary>
    /// <exception cref="IOException">It can't be trusted, or the connection broke.</exception>
    public async ValueTask<Stream> OpenAsync(EndPoint remote, CancellationToken token)
    {
        var stream = await options.Network.ConnectAsync(remote, token);
        return tls is null ? stream : await tls.SecureAsync(stream, remote, token);
    }

    /// <summary>Returns at once: the connection is made with the first write, because how long it may take depends on
    /// what is written.</summary>
    public ValueTask<ConnectionContext> ConnectAsync(
        EndPoint endpoint,
        CancellationToken cancellationToken = default
    ) => ValueTask.FromResult<ConnectionContext>(new OutboundConnection(this, endpoint));

    /// <inheritdoc/>
    public void Dispose() => Replication.Dispose();

    private static TimeSpan Ms(int ms) => TimeSpan.FromMilliseconds(ms);
}
