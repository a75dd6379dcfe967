// The middleware that stands before all routes. While authentication is off it lets everything through at once. Else it
// asks ASP.NET Core's handler who is there, and compares what that caller may do with what the route needs.
using Microsoft.AspNetCore.Authentication;
using RaftLocks.Node.Http;

namespace RaftLocks.Node.Auth;

/// <summary>Lets requests through.</summary>
/// <param name="authenticator">Knows who is who.</param>
/// <param name="audit">Where refusals are told.</param>
/// <param name="leads">Whether this node leads.</param>
/// <param name="sendToLeader">Sends a client to the leader, who knows the newest tokens.</param>
internal sealed class AuthGate(
    Authenticator authenticator,
    AuditLog audit,
    Func<bool> leads,
    Func<HttpContext, Task> sendToLeader
)
{
    /// <summary>The middleware.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (!authenticator.IsOn || context.GetEndpoint() is not { } endpoint)
        {
            return next(context);
        }

        var right = RouteRight.Of(endpoint);
        return CheckAsync(context, next, right);
    }

    /// <summary>Checks a right that no route has declared.</summary>
    public async Task CheckAsync(HttpContext context, RequestDelegate next, RouteRight right)
    {
        if (!authenticator.IsOn || right.Scope is RightScope.Open or RightScope.Own)
        {
            await next(context);
            return;
        }

        var who = await context.AuthenticateAsync(TokenAuthenticationHandler.SchemeName);
        var caller = who.Failure is null ? authenticator.Of(context) : null;
        if (caller is not null && right.IsIn(caller.Rights))
        {
            context.Features.Set(caller);
            if (who.Principal is { } user)
            {
                context.User = user;
            }

            await next(context);
            if (right.IsAudited && context.Response.StatusCode < StatusCodes.Status300MultipleChoices)
            {
                audit.Done(context, caller.Name, context.Request.Method, context.Request.Path.Value ?? "");
            }
        }
        else if (right.IsLeaders && !leads())
        {
            await sendToLeader(context);
        }
        else if (!authenticator.State.IsOn)
        {
            await Responses.UnavailableAsync(
                context,
                "This node wants everybody to be authenticated (--auth required), and knows no tokens yet: initialise "
                    + "authentication (raftlocks auth init), or wait until this node has caught up."
            );
        }
        else if (caller is null or { IsAnonymous: true })
        {
            audit.Refused(context, caller?.Name, who.Failure?.Message);
            await context.ChallengeAsync(TokenAuthenticationHandler.SchemeName);
        }
        else
        {
            audit.Refused(context, caller.Name, why: null);
            await context.ForbidAsync(TokenAuthenticationHandler.SchemeName);
        }
    }
}
