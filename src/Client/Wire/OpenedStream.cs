// A connection after its handshake.
namespace RaftLocks.Client.Wire;

/// <summary>A stream that is a WebSocket from here on.</summary>
/// <param name="Stream">The stream; reads and writes block.</param>
/// <param name="Begun">What was read of it already.</param>
/// <param name="Abort">Breaks it from any thread: blocked reads and writes return.</param>
/// <param name="EndSending">Tells the other end that nothing more is sent; what it still says can be read.</param>
internal sealed record OpenedStream(Stream Stream, ReadOnlyMemory<byte> Begun, Action Abort, Action EndSending);
