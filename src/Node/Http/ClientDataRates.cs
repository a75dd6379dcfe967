// The minimum data rate of a client that requests a page. A client that sends its request, or reads the answer, byte by
// byte would otherwise keep a connection and its buffers for as long as it likes. Connections that were upgraded are
// bounded by their pings.
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Http;

internal static class ClientDataRates
{
    private static readonly MinDataRate Question = new(
        Limits.MinBytesPerSecond,
        TimeSpan.FromMilliseconds(Limits.SlowQuestionMs)
    );
    private static readonly MinDataRate Answer = new(
        Limits.MinBytesPerSecond,
        TimeSpan.FromMilliseconds(Limits.SlowAnswerMs)
    );

    /// <summary>Sets the minimum rates of a request. An upgrade lifts that of the answer
    /// (<see cref="Lift"/>).</summary>
    public static Task Bound(HttpContext context, RequestDelegate next)
    {
        context.Features.Get<IHttpMinRequestBodyDataRateFeature>()?.MinDataRate = Question;
        context.Features.Get<IHttpMinResponseDataRateFeature>()?.MinDataRate = Answer;
        return next(context);
    }

    /// <summary>Lets the client be as slow as its pings allow.</summary>
    public static void Lift(IHttpMinResponseDataRateFeature answer) => answer.MinDataRate = null;
}
