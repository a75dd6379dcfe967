// Bounds in time.
using System.Net.Sockets;

namespace RaftLocks.Api;

internal static class Bounds
{
    /// <summary>A source that is cancelled with the token, and when the time is over.</summary>
    public static CancellationTokenSource Within(TimeSpan bound, CancellationToken token)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(token);
        source.CancelAfter(bound < ApiLimits.LongestTimeout ? bound : ApiLimits.LongestTimeout);
        return source;
    }

    /// <summary>
    /// Whether an exception of a request is the network's, or a bound's. HttpClient throws a socket's own exception
    /// when a connection was reset between its start and its first use.
    /// </summary>
    public static bool IsNoAnswer(Exception e) =>
        e is HttpRequestException or SocketException or IOException or OperationCanceledException;
}
