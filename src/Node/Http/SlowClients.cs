// How slow a client may be that asks for a page: one that sends its question, or takes the answer, byte by byte would otherwise keep a
// connection, and what waits to be sent to it, for as long as it likes. Connections that were upgraded are bounded by their pings.
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using RaftLocks.Node.Settings;

namespace RaftLocks.Node.Http;

internal static class SlowClients
{
    private static readonly MinDataRate Question = new(Limits.MinBytesPerSecond, TimeSpan.FromMilliseconds(Limits.SlowQuestionMs));
    private static readonly MinDataRate Answer = new(Limits.MinBytesPerSecond, TimeSpan.FromMilliseconds(Limits.SlowAnswerMs));

    /// <summary>Bounds a request. While it is answered: an upgrade lifts it (<see cref="Lift"/>).</summary>
    public static Task Bound(HttpContext context, RequestDelegate next)
    {
        context.Features.Get<IHttpMinRequestBodyDataRateFeature>()?.MinDataRate = Question;
        context.Features.Get<IHttpMinResponseDataRateFeature>()?.MinDataRate = Answer;
        return next(context);
    }

    /// <summary>Lets the client be as slow as its pings allow.</summary>
    public static void Lift(IHttpMinResponseDataRateFeature answer) => answer.MinDataRate = null;
}
