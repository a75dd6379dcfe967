// A client's connection as the web server sees it, counted in the budget until its file is closed.
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace RaftLocks.Node.Http;

/// <summary>Forwards everything to the socket's connection, and leaves the budget when that is disposed.</summary>
internal sealed class BoundedConnection : ConnectionContext
{
    private readonly ConnectionContext inner;

    /// <summary>Wraps a connection that was just accepted.</summary>
    public BoundedConnection(ConnectionContext inner, ConnectionBudget budget)
    {
        this.inner = inner;
        Budget = budget;
        Place = new LinkedListNode<BoundedConnection>(this);
        inner.Features.Set(this);
    }

    /// <summary>Where it is counted.</summary>
    public ConnectionBudget Budget { get; }

    /// <summary>Its position among the idle connections. Only the budget uses it.</summary>
    public LinkedListNode<BoundedConnection> Place { get; }

    /// <summary>Whether it is no longer counted. Only the budget uses it.</summary>
    public bool HasLeft { get; set; }

    /// <inheritdoc/>
    public override string ConnectionId
    {
        get => inner.ConnectionId;
        set => inner.ConnectionId = value;
    }

    /// <inheritdoc/>
    public override IFeatureCollection Features => inner.Features;

    /// <inheritdoc/>
    public override IDictionary<object, object?> Items
    {
        get => inner.Items;
        set => inner.Items = value;
    }

    /// <inheritdoc/>
    public override IDuplexPipe Transport
    {
        get => inner.Transport;
        set => inner.Transport = value;
    }

    /// <inheritdoc/>
    public override CancellationToken ConnectionClosed
    {
        get => inner.ConnectionClosed;
        set => inner.ConnectionClosed = value;
    }

    /// <inheritdoc/>
    public override EndPoint? LocalEndPoint
    {
        get => inner.LocalEndPoint;
        set => inner.LocalEndPoint = value;
    }

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint
    {
        get => inner.RemoteEndPoint;
        set => inner.RemoteEndPoint = value;
    }

    /// <inheritdoc/>
    public override void Abort() => inner.Abort();

    /// <inheritdoc/>
    public override void Abort(ConnectionAbortedException abortReason) => inner.Abort(abortReason);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        try
        {
            await inner.DisposeAsync();
            await base.DisposeAsync();
        }
        finally
        {
            Budget.Leave(this);
        }
    }
}
