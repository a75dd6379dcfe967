// A connection to a node as the session sees it: whole messages, in order. Everything blocks: each side has a thread of
// its own, so that nothing waits for the thread pool. The tests put a scripted one in its place.
namespace RaftLocks.Client.Wire;

/// <summary>A received message, or the end.</summary>
/// <param name="Message">UTF-8, valid until the next receive; empty at the end.</param>
/// <param name="IsEnd">Whether the connection has ended.</param>
/// <param name="CloseCode">With which code the server closed it; null if it broke.</param>
/// <param name="Reason">What the server said, or how it broke.</param>
internal readonly record struct Received(ReadOnlyMemory<byte> Message, bool IsEnd, int? CloseCode, string? Reason);

/// <summary>A connection.</summary>
internal interface IWire : IDisposable
{
    /// <summary>The node at the other end.</summary>
    Uri Node { get; }

    /// <summary>Sends a message. One at a time.</summary>
    /// <param name="message">The message, UTF-8.</param>
    /// <param name="hasMore">Whether another one follows at once, so that this one may go out together with it.</param>
    /// <exception cref="IOException">The connection is broken.</exception>
    void Send(ReadOnlySpan<byte> message, bool hasMore);

    /// <summary>
    /// Waits for the next message. One at a time; a connection that breaks is an end, not an exception.
    /// </summary>
    Received Receive();

    /// <summary>
    /// Says good-bye and ends the sending. Never at the same time as a send. Go on receiving until the node has ended
    /// it too.
    /// </summary>
    void Close();

    /// <summary>Breaks it; a pending receive or send returns.</summary>
    void Abort();
}

/// <summary>Opens connections.</summary>
internal interface IConnector
{
    /// <summary>Opens one to a node, or to wherever that node sends us.</summary>
    /// <exception cref="ConnectException">It was not possible.</exception>
    IWire Connect(Uri node, CancellationToken token);
}

/// <summary>A connection was not possible.</summary>
/// <param name="message">The reason, for people.</param>
/// <param name="isFinal">Whether trying this address again is without success.</param>
/// <param name="inner">The cause.</param>
internal sealed class ConnectException(string message, bool isFinal = false, Exception? inner = null)
    : Exception(message, inner)
{
    public bool IsFinal => isFinal;
}
