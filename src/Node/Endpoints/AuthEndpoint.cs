// /v1/admin/auth: tokens and policies are created, replaced and deleted here, by commands in the log. The leader makes
// the secrets. It tells each once and keeps only a keyed hash of it.
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RaftLocks.Api;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Http;
using RaftLocks.Node.Queries;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Routing;
using RaftLocks.Node.Sessions;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Endpoints;

/// <summary>Changes and lists tokens and policies.</summary>
internal sealed class AuthEndpoint(
    RaftNode node,
    SessionRegistry registry,
    AdminGuard guard,
    LeaderRoute route,
    LinearizableReadGate answers,
    Authenticator authenticator,
    AuditLog audit
)
{
    /// <summary>From this feature level on the log knows tokens and policies.</summary>
    public const int FromLevel = 3;

    /// <summary>Maps its routes.</summary>
    public void Map(WebApplication web)
    {
        web.MapGet(ApiPaths.Principal, new PrincipalEndpoint(authenticator).HandleAsync).Needs(RouteRight.Any);
        web.MapPost(ApiPaths.AuthInit, context => guard.PassAsync(context, InitialiseAsync)).Needs(RouteRight.Own);
        web.MapGet(ApiPaths.AuthTokens, ListTokensAsync).Needs(RouteRight.Admin);
        web.MapPost(ApiPaths.AuthTokens, CreateTokenAsync).Needs(RouteRight.Admin);
        web.MapPost(ApiPaths.AuthTokens + "/{name}/rotate", RotateTokenAsync).Needs(RouteRight.Admin);
        web.MapDelete(ApiPaths.AuthTokens + "/{name}", DeleteTokenAsync).Needs(RouteRight.Admin);
        web.MapGet(ApiPaths.AuthPolicies, ListPoliciesAsync).Needs(RouteRight.Admin);
        web.MapPost(ApiPaths.AuthPolicies, SetPolicyAsync).Needs(RouteRight.Admin);
        web.MapDelete(ApiPaths.AuthPolicies + "/{name}", DeletePolicyAsync).Needs(RouteRight.Admin);
    }

    private async Task InitialiseAsync(HttpContext context)
    {
        if (registry.Current is null)
        {
            await route.SendAsync(context);
            return;
        }

        var asked = await ReadAsync(context, ApiJson.Default.AuthInitRequest);
        if (asked is null)
        {
            return;
        }

        if ((AuthMapper.WithoutSecret(asked.Name) ?? AuthMapper.WrongLifetime(asked.LifetimeSeconds)) is { } error)
        {
            await Responses.TextAsync(context, StatusCodes.Status400BadRequest, error);
            return;
        }

        var key = RandomNumberGenerator.GetBytes(StateMachine.Limits.AuthHashBytes);
        var secret = AuthMapper.NewSecret();
        var expiresAtMs = AuthMapper.ExpiresAt(authenticator.NowMs, asked.LifetimeSeconds);
        var command = new InitialiseAuthCommand(
            key,
            asked.KeepAnonymous,
            Utf8(asked.Name),
            HMACSHA256.HashData(key, Utf8(secret)),
            expiresAtMs
        );
        await TellSecretAsync(context, "auth init", asked.Name, secret, expiresAtMs, entry => entry.Add(command));
    }

    private Task ListTokensAsync(HttpContext context) =>
        answers.HandleAsync(
            context,
            _ => new TokensResponse([.. node.Auth.Tokens.Select(token => AuthMapper.Of(token, authenticator.NowMs))]),
            view => Responses.JsonAsync(context, StatusCodes.Status200OK, view, ApiJson.Default.TokensResponse)
        );

    private Task ListPoliciesAsync(HttpContext context) =>
        answers.HandleAsync(
            context,
            _ => new PoliciesResponse([.. node.Auth.Policies.Select(AuthMapper.Of)]),
            view => Responses.JsonAsync(context, StatusCodes.Status200OK, view, ApiJson.Default.PoliciesResponse)
        );

    private async Task CreateTokenAsync(HttpContext context)
    {
        if (await ReadOnLeaderAsync(context, ApiJson.Default.NewTokenRequest) is not { } asked)
        {
            return;
        }

        var error =
            AuthMapper.WrongTokenName(asked.Name)
            ?? AuthMapper.WrongLifetime(asked.LifetimeSeconds)
            ?? (
                asked.Policies.Count is 0 or > StateMachine.Limits.MaxPoliciesPerToken
                    ? $"A token has 1 to {StateMachine.Limits.MaxPoliciesPerToken} policies."
                    : asked.Policies.Select(AuthMapper.WrongName).FirstOrDefault(wrong => wrong is not null)
            );
        if (error is not null)
        {
            await Responses.TextAsync(context, StatusCodes.Status400BadRequest, error);
            return;
        }

        // A binding's secret is known to nobody: its hash is that of nothing.
        var secret = BoundNames.IsBound(asked.Name) ? null : AuthMapper.NewSecret();
        var expiresAtMs = AuthMapper.ExpiresAt(authenticator.NowMs, asked.LifetimeSeconds);
        var command = new CreateTokenCommand(
            Utf8(asked.Name),
            secret is null
                ? RandomNumberGenerator.GetBytes(StateMachine.Limits.AuthHashBytes)
                : node.Auth.HashOf(Utf8(secret)),
            expiresAtMs,
            [.. asked.Policies.Select(name => (ReadOnlyMemory<byte>)Utf8(name))],
            authenticator.Of(context).Principal
        );
        await TellSecretAsync(context, "create token", asked.Name, secret, expiresAtMs, entry => entry.Add(command));
    }

    private async Task RotateTokenAsync(HttpContext context)
    {
        if (await ReadOnLeaderAsync(context, ApiJson.Default.RotateTokenRequest) is not { } asked)
        {
            return;
        }

        var error =
            AuthMapper.WithoutSecret(Name(context))
            ?? AuthMapper.WrongLifetime(asked.LifetimeSeconds)
            ?? (asked.OverlapSeconds == 0 ? null : AuthMapper.WrongLifetime(asked.OverlapSeconds));
        if (error is not null)
        {
            await Responses.TextAsync(context, StatusCodes.Status400BadRequest, error);
            return;
        }

        var name = Name(context);
        var secret = AuthMapper.NewSecret();
        var now = authenticator.NowMs;
        var expiresAtMs = AuthMapper.ExpiresAt(now, asked.LifetimeSeconds);
        var command = new RotateTokenCommand(
            Utf8(name),
            node.Auth.HashOf(Utf8(secret)),
            asked.OverlapSeconds == 0 ? 0 : AuthMapper.ExpiresAt(now, asked.OverlapSeconds),
            expiresAtMs,
            authenticator.Of(context).Principal
        );
        await TellSecretAsync(context, "rotate token", name, secret, expiresAtMs, entry => entry.Add(command));
    }

    private Task DeleteTokenAsync(HttpContext context)
    {
        var command = new DeleteTokenCommand(Utf8(Name(context)), authenticator.Of(context).Principal);
        return TellDoneAsync(context, "delete token", Name(context), entry => entry.Add(command));
    }

    private async Task SetPolicyAsync(HttpContext context)
    {
        if (await ReadOnLeaderAsync(context, ApiJson.Default.PolicyInfo) is not { } asked)
        {
            return;
        }

        if (AuthMapper.Read(asked, out var error) is not { } policy)
        {
            await Responses.TextAsync(context, StatusCodes.Status400BadRequest, error!);
            return;
        }

        var command = new SetPolicyCommand(policy, authenticator.Of(context).Principal);
        await TellDoneAsync(context, "set policy", asked.Name, entry => entry.Add(command));
    }

    private Task DeletePolicyAsync(HttpContext context)
    {
        var command = new DeletePolicyCommand(Utf8(Name(context)), authenticator.Of(context).Principal);
        return TellDoneAsync(context, "delete policy", Name(context), entry => entry.Add(command));
    }

    private Task TellSecretAsync(
        HttpContext context,
        string what,
        string name,
        string? secret,
        long expiresAtMs,
        Action<EntryWriter> write
    ) =>
        ChangeAsync(
            context,
            what,
            name,
            write,
            () =>
                Responses.JsonAsync(
                    context,
                    StatusCodes.Status200OK,
                    new TokenSecretResponse(name, secret, AuthMapper.Time(expiresAtMs)),
                    ApiJson.Default.TokenSecretResponse
                )
        );

    private Task TellDoneAsync(HttpContext context, string what, string name, Action<EntryWriter> write) =>
        AuthMapper.WrongDeletion(name) is { } wrong
            ? Responses.TextAsync(context, StatusCodes.Status400BadRequest, wrong)
            : ChangeAsync(
                context,
                what,
                name,
                write,
                () =>
                    Responses.JsonAsync(
                        context,
                        StatusCodes.Status200OK,
                        new AuthDoneResponse(name),
                        ApiJson.Default.AuthDoneResponse
                    )
            );

    private async Task ChangeAsync(
        HttpContext context,
        string what,
        string name,
        Action<EntryWriter> write,
        Func<Task> tell
    )
    {
        if (registry.Current is not { Leadership: { } leadership })
        {
            await route.SendAsync(context);
            return;
        }

        if (leadership.FeatureLevel < FromLevel)
        {
            await Responses.UnavailableAsync(
                context,
                $"The cluster is at feature level {leadership.FeatureLevel}: it knows tokens from level {FromLevel} "
                    + "on, when all members have been upgraded."
            );
            return;
        }

        var proposal = new AuthProposal(write);
        var outcome = await leadership.ProposeAsync(proposal) ? await proposal.Applied : null;
        if (outcome is null)
        {
            await Responses.UnavailableAsync(
                context,
                "This node no longer leads, and what became of the change is not known here: look at the list."
            );
        }
        else if (Problem(outcome.Value, name) is { } problem)
        {
            await Responses.TextAsync(context, problem.Status, problem.Sentence);
        }
        else
        {
            audit.Done(context, authenticator.Of(context).Name, what, name);
            await tell();
        }
    }

    private static (int Status, string Sentence)? Problem(RejectReason reason, string name) =>
        reason switch
        {
            RejectReason.None => null,
            RejectReason.AuthIsOn => (
                StatusCodes.Status409Conflict,
                "Authentication is initialised already. Whoever has lost all tokens starts a node with --admin-token."
            ),
            RejectReason.AuthIsOff => (
                StatusCodes.Status409Conflict,
                "Authentication is not initialised yet: raftlocks auth init."
            ),
            RejectReason.TokenExists => (
                StatusCodes.Status409Conflict,
                $"There is a token '{name}' already: rotate it, or delete it first."
            ),
            RejectReason.NoSuchToken => (StatusCodes.Status404NotFound, $"There is no token '{name}'."),
            RejectReason.NoSuchPolicy => (
                StatusCodes.Status404NotFound,
                "There is no such policy: create it first (raftlocks auth policy create)."
            ),
            RejectReason.PolicyInUse => (
                StatusCodes.Status409Conflict,
                $"A token has the policy '{name}': delete the token first, or replace the policy."
            ),
            RejectReason.TooMany => (
                StatusCodes.Status409Conflict,
                $"There are as many as there may be: {StateMachine.Limits.MaxTokens} tokens, "
                    + $"{StateMachine.Limits.MaxPolicies} policies."
            ),
            _ => (StatusCodes.Status409Conflict, $"The change was rejected: {reason}."),
        };

    // A node that does not lead leaves the body to the leader.
    private async Task<T?> ReadOnLeaderAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        if (registry.Current is not null)
        {
            return await ReadAsync(context, type);
        }

        await route.SendAsync(context);
        return null;
    }

    private static async Task<T?> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            if (await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted) is { } read)
            {
                return read;
            }
        }
        catch (Exception e) when (e is JsonException or BadHttpRequestException or InvalidOperationException)
        {
            // Answered below.
        }

        await Responses.TextAsync(
            context,
            StatusCodes.Status400BadRequest,
            "The body is no JSON object as it is wanted here: see docs/security.md, or use raftlocks auth."
        );
        return null;
    }

    private static string Name(HttpContext context) => (string)context.Request.RouteValues["name"]!;

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
