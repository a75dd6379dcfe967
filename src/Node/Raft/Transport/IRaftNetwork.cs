// The bytes beneath Raft: who listens and who connects. All that knows Raft's messages stands above it, so that the
// same rules hold over sockets, over a network that a test keeps in memory, and over whatever wraps a stream.
using System.Net;

namespace RaftLocks.Node.Raft.Transport;

/// <summary>A network between members.</summary>
internal interface IRaftNetwork
{
    /// <summary>Listens on an address.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The address can't be listened on.</exception>
    IRaftListener Listen(EndPoint endPoint);

    /// <summary>Connects to a member. The stream is the caller's; when it is disposed, what reads or writes it fails at
    /// once.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">Nobody listens there, or it can't be reached.</exception>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    ValueTask<Stream> ConnectAsync(EndPoint endPoint, CancellationToken token);
}

/// <summary>A listener of a member.</summary>
internal interface IRaftListener : IDisposable
{
    /// <summary>Waits for the next connection.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">This connection can't be accepted now; the next may
    /// be.</exception>
    /// <exception cref="ObjectDisposedException">The listener is closed.</exception>
    ValueTask<AcceptedStream> AcceptAsync(CancellationToken token);
}

/// <summary>A connection that a listener accepted.</summary>
/// <param name="Stream">The caller's to dispose; what reads or writes it then fails at once.</param>
/// <param name="From">The other end, if it is known.</param>
/// <param name="Names">The names that the other end has proven by its certificate; null without TLS.</param>
internal readonly record struct AcceptedStream(Stream Stream, EndPoint? From, IReadOnlyList<string>? Names = null);
