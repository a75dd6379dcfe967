// A client may end its sending while it still reads: HTTP and WebSocket allow it after a close. The web server takes
// that end for the end of the connection and breaks it off at once, with the answer in it. So it is told about it a
// moment later; whoever reads from the connection sees the end at once, as ever.
using Microsoft.AspNetCore.Connections;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Http;

internal static class HalfClose
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(Limits.CloseHandshakeMs);

    /// <summary>The connection's middleware.</summary>
    public static ConnectionDelegate Use(ConnectionDelegate next) =>
        async connection =>
        {
            using var late = new CancellationTokenSource();
            await using var registration = connection.ConnectionClosed.UnsafeRegister(
                static source => ((CancellationTokenSource)source!).CancelAfter(Delay),
                late
            );
            connection.ConnectionClosed = late.Token;
            await next(connection);
        };
}
