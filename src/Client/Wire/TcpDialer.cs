// Opens TCP connections, with TLS where the address asks for it. Everything blocks the calling thread and nothing needs
// another one of the thread pool; a cancellation closes the socket, which ends whatever waits for it.
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace RaftLocks.Client.Wire;

/// <summary>A connection before its handshake.</summary>
internal sealed class TcpDialer : IDisposable
{
    /// <summary>How long one of several addresses of a name may take.</summary>
    private static readonly TimeSpan OneOfSeveral = TimeSpan.FromSeconds(1);

    private readonly Socket socket;

    private TcpDialer(Socket socket, Stream stream)
    {
        this.socket = socket;
        Stream = stream;
    }

    public Stream Stream { get; }

    /// <summary>Breaks the connection from any thread.</summary>
    public void Abort() => socket.Dispose();

    /// <summary>
    /// Ends the sending after what was sent. Under TLS too: a close frame has told the end in a way that nobody can
    /// forge.
    /// </summary>
    public void EndSending() => socket.Shutdown(SocketShutdown.Send);

    public void Dispose() => socket.Dispose();

    /// <summary>Connects to an address.</summary>
    /// <param name="address">The address to connect to.</param>
    /// <param name="tls">How to do TLS; null for none.</param>
    /// <param name="sendTimeout">How long a write may take: a node that takes nothing for so long is gone.</param>
    /// <param name="token">Ends the attempt.</param>
    /// <exception cref="IOException">It was not possible, or it was cancelled.</exception>
    public static TcpDialer Dial(
        Uri address,
        SslClientAuthenticationOptions? tls,
        TimeSpan sendTimeout,
        CancellationToken token
    )
    {
        var connected = Connect(address.IdnHost, address.Port, sendTimeout, token);
        try
        {
            using var giveUp = token.UnsafeRegister(_ => connected.Dispose(), null);
            var stream = new NetworkStream(connected, ownsSocket: true);
            if (tls is null)
            {
                return new TcpDialer(connected, stream);
            }

            var secure = new SslStream(stream);
            secure.AuthenticateAsClient(tls);
            return new TcpDialer(connected, secure);
        }
        catch
        {
            connected.Dispose();
            throw;
        }
    }

    private static Socket Connect(string host, int port, TimeSpan sendTimeout, CancellationToken token)
    {
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : Resolve(host, token);
        for (var at = 0; ; at++)
        {
            using var one = CancellationTokenSource.CreateLinkedTokenSource(token);
            using var limit =
                addresses.Length == 1
                    ? null
                    : Sessions.SuspendAwareClock.Instance.CreateTimer(
                        _ => one.Cancel(),
                        null,
                        OneOfSeveral,
                        Timeout.InfiniteTimeSpan
                    );
            var connected = new Socket(addresses[at].AddressFamily, SocketType.Stream, ProtocolType.Tcp)
            {
                NoDelay = true,
                SendTimeout = (int)sendTimeout.TotalMilliseconds,
            };
            try
            {
                using var giveUp = one.Token.UnsafeRegister(_ => connected.Dispose(), null);
                connected.Connect(addresses[at], port);
                return connected;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                connected.Dispose();
                token.ThrowIfCancellationRequested();
                if (at + 1 == addresses.Length)
                {
                    throw new IOException(
                        one.IsCancellationRequested ? $"{addresses[at]} does not answer" : e.Message,
                        e
                    );
                }
            }
        }
    }

    // The system's resolver can't be cancelled, so that it has a thread of its own which is left behind where it takes
    // too long.
    private static IPAddress[] Resolve(string host, CancellationToken token)
    {
        var resolved = new TaskCompletionSource<IPAddress[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                resolved.SetResult(Dns.GetHostAddresses(host));
            }
            catch (Exception e)
            {
                resolved.SetException(e);
            }
        })
        {
            IsBackground = true,
            Name = "RaftLocks resolver",
        }.UnsafeStart();
        try
        {
            resolved.Task.Wait(token);
        }
        catch (AggregateException e)
        {
            throw new IOException(
                $"the name '{host}' can't be resolved: {e.InnerException!.Message}",
                e.InnerException
            );
        }

        return resolved.Task.Result is { Length: > 0 } addresses
            ? addresses
            : throw new IOException($"the name '{host}' has no addresses");
    }
}
