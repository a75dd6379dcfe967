// Accepts clients for the web server, one after the other, and no more than the budget allows. One too many is told
// so and closed before the next is accepted: however fast they come, the process holds one file more than its bound.
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Connections;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Http;

/// <summary>Makes listeners that keep to the budget.</summary>
/// <param name="inner">The server's own.</param>
/// <param name="budget">How many connections there may be.</param>
/// <param name="speaksPlainHttp">Whether no listener uses TLS, so that who is refused can be told why.</param>
internal sealed class BoundedListenerFactory(
    IConnectionListenerFactory inner,
    ConnectionBudget budget,
    bool speaksPlainHttp
) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    /// <inheritdoc/>
    public bool CanBind(EndPoint endpoint) =>
        inner is not IConnectionListenerFactorySelector selector || selector.CanBind(endpoint);

    /// <inheritdoc/>
    public async ValueTask<IConnectionListener> BindAsync(
        EndPoint endpoint,
        CancellationToken cancellationToken = default
    ) => new BoundedListener(await inner.BindAsync(endpoint, cancellationToken), budget, speaksPlainHttp);
}

/// <summary>A listener that keeps to the budget.</summary>
internal sealed class BoundedListener(IConnectionListener inner, ConnectionBudget budget, bool speaksPlainHttp)
    : IConnectionListener
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromMilliseconds(500);

    private static readonly ConnectionAbortedException Displaced = new(
        "The node has as many connections as it can take; this one was idle."
    );

    private static ReadOnlyMemory<byte> Refusal { get; } =
        Compose(
            "This node has as many connections as it can take (--max-connections, and the limit of open files): "
                + "try again soon.\n"
        );

    /// <inheritdoc/>
    public EndPoint EndPoint => inner.EndPoint;

    /// <inheritdoc/>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await inner.AcceptAsync(cancellationToken) is { } accepted)
        {
            var connection = new BoundedConnection(accepted, budget);
            if (await TryEnterAsync(connection))
            {
                return connection;
            }

            await RefuseAsync(accepted);
        }

        return null;
    }

    /// <inheritdoc/>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => inner.UnbindAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private static byte[] Compose(string sentence) =>
        Encoding.ASCII.GetBytes(
            string.Create(
                CultureInfo.InvariantCulture,
                $"HTTP/1.1 503 Service Unavailable\r\nRetry-After: {Limits.RetryAfterSeconds}\r\nConnection: close\r\n"
                    + $"Content-Type: text/plain; charset=utf-8\r\nContent-Length: {sentence.Length}\r\n\r\n{sentence}"
            )
        );

    private async ValueTask<bool> TryEnterAsync(BoundedConnection connection)
    {
        while (true)
        {
            var left = budget.LeftAsync();
            if (budget.TryEnter(connection, out var displaced))
            {
                displaced?.Abort(Displaced);
                return true;
            }

            // Those that were displaced are about to be gone.
            if (!budget.IsClosing || await Task.WhenAny(left, Task.Delay(CloseTimeout)) != left)
            {
                return false;
            }
        }
    }

    private async ValueTask RefuseAsync(ConnectionContext refused)
    {
        if (speaksPlainHttp)
        {
            // It fits into the socket's buffer, so it does not wait.
            await refused.Transport.Output.WriteAsync(Refusal);
        }
        else
        {
            refused.Abort();
        }

        var closing = refused.DisposeAsync().AsTask();
        await Task.WhenAny(closing, Task.Delay(CloseTimeout));
    }
}
