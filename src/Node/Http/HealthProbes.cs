// GET /health/live and /health/ready: for whoever starts, restarts or balances nodes.
using RaftLocks.Node.Raft;
using RaftLocks.Node.Sessions;
using RaftLocks.Node.Settings;

namespace RaftLocks.Node.Http;

internal sealed class HealthProbes(RaftNode node, SessionRegistry registry)
{
    public static Task LiveAsync(HttpContext context) => AnswerAsync(context, new HealthView(Ok: true, "the process works"));

    public Task ReadyAsync(HttpContext context) => AnswerAsync(context, Look());

    private static Task AnswerAsync(HttpContext context, HealthView health) => Answer.JsonAsync(
        context,
        health.Ok ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
        health,
        JsonShapes.Default.HealthView);

    private HealthView Look()
    {
        if (registry.IsShuttingDown)
        {
            return new HealthView(Ok: false, "shuts down");
        }

        if (registry.Current is { } sessions)
        {
            return sessions.Leadership.HasLease
                ? new HealthView(Ok: true, "leads")
                : new HealthView(Ok: false, "leads, but no majority has confirmed it lately");
        }

        var status = node.Status;
        var behind = status.CommitIndex - status.AppliedIndex;
        return status.Role switch
        {
            "leader" => new HealthView(Ok: false, "elected, but does not serve yet"),
            "follower" when behind <= Limits.ReadyLagEntries => new HealthView(Ok: true, $"follows {status.Leader}"),
            "follower" => new HealthView(Ok: false, $"follows {status.Leader}, but is {behind} entries behind"),
            _ => new HealthView(Ok: false, "knows no leader"),
        };
    }
}
