// POST /v1/admin/revoke: an operator ends a request, with a reason that goes into the ledger. The client is told and
// has a grace in which to give up by itself; the call is answered when it is over. Whoever does not wait for the answer
// changes nothing; a new leader knows nothing of it and must be asked again.
using RaftLocks.Api;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Routing;
using RaftLocks.Node.Sessions;
using RaftLocks.Node.Sessions.Scheduling;
using RaftLocks.Node.Sessions.Wire;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Queries;

internal sealed class RevokeEndpoint(
    RaftNode node,
    SessionRegistry registry,
    ConnectionRules rules,
    AdminGuard guard,
    LeaderRoute route,
    Authenticator authenticator,
    AuditLog audit
)
{
    private const int RevokesFrom = 2;

    public Task HandleAsync(HttpContext context) =>
        guard.PassAsync(context, registry.Current is null ? route.SendAsync : RevokeHereAsync);

    private async Task RevokeHereAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context);
        var question = RevokeParameters.Read(body, rules);
        if (body.Error is { } error)
        {
            await Responses.TextAsync(context, StatusCodes.Status400BadRequest, error);
        }
        else if (registry.Current is not { } sessions)
        {
            await route.SendAsync(context);
        }
        else if (sessions.Leadership.FeatureLevel < RevokesFrom)
        {
            await Responses.UnavailableAsync(
                context,
                $"The cluster is at feature level {sessions.Leadership.FeatureLevel}: it revokes from level"
                    + $" {RevokesFrom} on, when all members have been upgraded."
            );
        }
        else
        {
            await RevokeAsync(context, question, sessions);
        }
    }

    private FoundRequest Find(RevokeOrder order) =>
        node.Read(state => FoundRequest.Of(state.FindRequest(order.Namespace.Span, order.Id)));

    // Who has no right to a request is not told whether it is there.
    private bool MayRevoke(RevokeParameters question, Caller caller) =>
        node.Read(state => state.FindRequest(question.Namespace, question.Id)) is { } request
            ? caller.Rights.AllowsAll(Verbs.Revoke, question.Namespace, request.Resources.GetEnumerator())
            : caller.Rights.AllowsSome(Verbs.Revoke, question.Namespace);

    private async Task RevokeAsync(HttpContext context, RevokeParameters question, LeaderSessions sessions)
    {
        var caller = authenticator.Of(context);
        if (!MayRevoke(question, caller))
        {
            audit.Refused(context, caller.Name, NoRight.ToRevoke);
            await Responses.TextAsync(context, StatusCodes.Status403Forbidden, NoRight.ToRevoke);
            return;
        }

        var order = new RevokeOrder(
            question.Namespace,
            question.Id,
            question.Reason,
            question.GraceMs,
            caller.Principal
        );
        audit.Done(
            context,
            caller.Name,
            "revoke",
            $"{RequestInfoMapper.Text(question.Namespace)}#{RequestInfoMapper.Id(question.Id)}"
        );
        var outcome = sessions.Revocations.Begin(order, Find);
        if (outcome is null)
        {
            await Responses.UnavailableAsync(
                context,
                $"{Limits.MaxRevocations} revokes are on their way already: try again soon."
            );
            return;
        }

        try
        {
            // Only a leader that still is one may say that there is no such request.
            var how = await outcome.WaitAsync(context.RequestAborted);
            await sessions.Leadership.WaitForLeaseAsync();
            var view = new RevokeResponse(
                RequestInfoMapper.Id(question.Id),
                how switch
                {
                    RevokeOutcome.Released => RevokeOutcomes.Released,
                    RevokeOutcome.Revoked => RevokeOutcomes.Revoked,
                    _ => RevokeOutcomes.Gone,
                }
            );
            await Responses.JsonAsync(context, StatusCodes.Status200OK, view, ApiJson.Default.RevokeResponse);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            await Responses.UnavailableAsync(
                context,
                "This node no longer leads, and what became of the revoke is not known here: ask again."
            );
        }
    }
}

/// <summary>The body of POST /v1/admin/revoke.</summary>
/// <param name="Namespace">Name, UTF-8.</param>
/// <param name="Id">The id of the request.</param>
/// <param name="Reason">Why, UTF-8.</param>
/// <param name="GraceMs">How long its client may take to give up by itself.</param>
internal sealed record RevokeParameters(byte[] Namespace, ulong Id, byte[] Reason, int GraceMs)
{
    /// <summary>Reads a query; the body tells what is wrong with it.</summary>
    public static RevokeParameters Read(RequestBody body, ConnectionRules rules)
    {
        var space = body.Namespace(rules.MessageLimits);
        var id = body.Id();
        var reason = body.Text("reason", Limits.MaxRevokeReasonBytes);
        if (reason.Length == 0)
        {
            body.AddError("\"reason\" is missing: say why, for whoever loses the lock and for the history.", 0);
        }

        var graceMs = body.Number("graceMs", Limits.DefaultRevokeGraceMs, Limits.MaxRevokeGraceMs);
        return new RevokeParameters(space, id, reason, body.Flag("force") ? 0 : graceMs);
    }
}
