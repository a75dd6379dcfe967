// GET /v1/principal: whose token is shown, and what it allows. For programs that show what somebody may do before it is
// tried, as the dashboard does.
using RaftLocks.Api;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Http;

namespace RaftLocks.Node.Endpoints;

internal sealed class PrincipalEndpoint(Authenticator authenticator)
{
    public Task HandleAsync(HttpContext context)
    {
        var caller = authenticator.Of(context);
        return Responses.JsonAsync(
            context,
            StatusCodes.Status200OK,
            new PrincipalResponse(caller.Name, AuthMapper.Of(caller.Rights)),
            ApiJson.Default.PrincipalResponse
        );
    }
}
