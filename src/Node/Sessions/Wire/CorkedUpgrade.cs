// Puts the coalescing stream between the server's upgraded stream and the WebSocket that is made over it.
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using RaftLocks.Node.Http;

namespace RaftLocks.Node.Sessions.Wire;

/// <summary>Stands in for the server's upgrade; remembers the stream.</summary>
internal sealed class CorkedUpgrade(IHttpUpgradeFeature inner, IHttpMinResponseDataRateFeature pace)
    : IHttpUpgradeFeature
{
    /// <summary>The stream, once upgraded.</summary>
    public CorkedStream? Stream { get; private set; }

    /// <inheritdoc/>
    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    /// <inheritdoc/>
    public async Task<Stream> UpgradeAsync()
    {
        ClientDataRates.Lift(pace);
        return Stream = new CorkedStream(await inner.UpgradeAsync());
    }

    /// <summary>
    /// Takes the place of the server's feature. Must run before the WebSocket middleware looks for it.
    /// </summary>
    public static Task Use(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } server)
        {
            context.Features.Set<IHttpUpgradeFeature>(
                new CorkedUpgrade(server, context.Features.GetRequiredFeature<IHttpMinResponseDataRateFeature>())
            );
        }

        return next(context);
    }
}
