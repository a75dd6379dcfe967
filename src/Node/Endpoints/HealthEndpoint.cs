// GET /health/live and /health/ready: for whoever starts, restarts or balances nodes.
using RaftLocks.Api;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Metrics;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Sessions;

namespace RaftLocks.Node.Endpoints;

internal sealed class HealthEndpoint(RaftNode node, SessionRegistry registry, Alarms alarms)
{
    public Task LiveAsync(HttpContext context) => AnswerAsync(context, (true, "the process works"));

    public Task ReadyAsync(HttpContext context) => AnswerAsync(context, Look());

    // Alarms do not make a node unready: clients are no better off elsewhere.
    private Task AnswerAsync(HttpContext context, (bool Ok, string Reason) health) =>
        Responses.JsonAsync(
            context,
            health.Ok ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
            new HealthResponse(health.Ok, health.Reason, alarms.Raised),
            ApiJson.Default.HealthResponse
        );

    private (bool Ok, string Reason) Look()
    {
        if (registry.IsShuttingDown)
        {
            return (false, "shuts down");
        }

        if (registry.Current is { } sessions)
        {
            return sessions.Leadership.HasLease
                ? (true, "leads")
                : (false, "leads, but no majority has confirmed it lately");
        }

        var status = node.Status;
        var behind = status.CommitIndex - status.AppliedIndex;
        return status.Role switch
        {
            "leader" => (false, "elected, but does not serve yet"),
            "follower" when behind <= Limits.ReadyLagEntries => (true, $"follows {status.Leader}"),
            "follower" => (false, $"follows {status.Leader}, but is {behind} entries behind"),
            "joining" => (false, "waits to be added to the cluster"),
            _ => (false, "knows no leader"),
        };
    }
}
