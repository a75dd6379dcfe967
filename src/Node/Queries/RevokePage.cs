// POST /v1/admin/revoke: an operator ends a request, with a reason that goes into the ledger. The client is told and has a grace in which to give up by itself; the
// call is answered when it is over. Whoever does not wait for the answer changes nothing; a new leader knows nothing of it and must be asked again.
using RaftLocks.Node.Http;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Routing;
using RaftLocks.Node.Sessions;
using RaftLocks.Node.Settings;

namespace RaftLocks.Node.Queries;

internal sealed class RevokePage(RaftNode node, SessionRegistry registry, ConnectionRules rules, AdminGuard guard, LeaderRoute route)
{
    private const int RevokesFrom = 2;

    public Task HandleAsync(HttpContext context) => guard.PassAsync(context, registry.Current is null ? route.SendAsync : RevokeHereAsync);

    private async Task RevokeHereAsync(HttpContext context)
    {
        var body = await QuestionBody.ReadAsync(context);
        var question = RevokeQuestion.Read(body, rules);
        if (body.Mistake is { } mistake)
        {
            await Answer.TextAsync(context, StatusCodes.Status400BadRequest, mistake);
        }
        else if (registry.Current is not { } sessions)
        {
            await route.SendAsync(context);
        }
        else if (sessions.Leadership.FeatureLevel < RevokesFrom)
        {
            await Answer.TryAgainAsync(context, $"The cluster is at feature level {sessions.Leadership.FeatureLevel}: it revokes from level {RevokesFrom} on, when all members have been upgraded.");
        }
        else
        {
            await RevokeAsync(context, question, sessions);
        }
    }

    private async Task RevokeAsync(HttpContext context, RevokeQuestion question, LeaderSessions sessions)
    {
        var (isLive, outcome) = node.Read(state => state.FindRequest(question.Namespace, question.Id) is { } request
            ? (true, sessions.Revocations.Begin(request, question.Reason, question.GraceMs))
            : (false, null));
        if (isLive && outcome is null)
        {
            await Answer.TryAgainAsync(context, $"{Limits.MaxRevocations} revokes are on their way already: try again soon.");
            return;
        }

        try
        {
            // Only a leader that still is one may say that there is no such request.
            var how = isLive ? await outcome!.WaitAsync(context.RequestAborted) : RevokeOutcome.Gone;
            await sessions.Leadership.WaitForLeaseAsync();
            var view = new RevokeView(Row.Id(question.Id), how switch
            {
                RevokeOutcome.Released => "released",
                RevokeOutcome.Revoked => "revoked",
                _ => Row.Gone,
            });
            await Answer.JsonAsync(context, StatusCodes.Status200OK, view, QueryShapes.Default.RevokeView);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            await Answer.TryAgainAsync(context, "This node no longer leads, and what became of the revoke is not known here: ask again.");
        }
    }
}

/// <summary>What POST /v1/admin/revoke is asked.</summary>
/// <param name="Namespace">Name, UTF-8.</param>
/// <param name="Id">Which request.</param>
/// <param name="Reason">Why, UTF-8.</param>
/// <param name="GraceMs">How long its client may take to give up by itself.</param>
internal sealed record RevokeQuestion(byte[] Namespace, ulong Id, byte[] Reason, int GraceMs)
{
    /// <summary>Reads a question; the body tells what is wrong with it.</summary>
    public static RevokeQuestion Read(QuestionBody body, ConnectionRules rules)
    {
        var space = body.Namespace(rules.MessageLimits);
        var id = body.Id();
        var reason = body.Text("reason", Limits.MaxRevokeReasonBytes);
        if (reason.Length == 0)
        {
            body.Wrong("\"reason\" is missing: say why, for whoever loses the lock and for the history.", 0);
        }

        var graceMs = body.Number("graceMs", Limits.DefaultRevokeGraceMs, Limits.MaxRevokeGraceMs);
        return new RevokeQuestion(space, id, reason, body.Flag("force") ? 0 : graceMs);
    }
}
