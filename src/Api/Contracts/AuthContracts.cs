// /v1/admin/auth: tokens and policies; /v1/principal: what one token allows. A secret is told once, in the answer to
// whoever creates or rotates a token.
using System.Text.Json.Serialization;

namespace RaftLocks.Api;

/// <summary>Turns authentication on.</summary>
/// <param name="Name">The name of the first token; it may do everything.</param>
/// <param name="LifetimeSeconds">How long it lives, s; null for ever.</param>
/// <param name="KeepAnonymous">Whether clients without a token may lock and look as before.</param>
public sealed record AuthInitRequest(
    [property: JsonRequired] string Name,
    long? LifetimeSeconds = null,
    bool KeepAnonymous = false
);

/// <summary>Creates a token.</summary>
/// <param name="Name">Its name: the principal of its holder. One that begins with cert:, jwt: or group: is a binding:
/// somebody else proves the name, and there is no secret.</param>
/// <param name="Policies">The names of its policies.</param>
/// <param name="LifetimeSeconds">How long it lives, s; null for ever.</param>
public sealed record NewTokenRequest(
    [property: JsonRequired] string Name,
    [property: JsonRequired] IReadOnlyList<string> Policies,
    long? LifetimeSeconds = null
);

/// <summary>Gives a token a new secret.</summary>
/// <param name="OverlapSeconds">How long the old secret is accepted too, s.</param>
/// <param name="LifetimeSeconds">How long the token lives from now on, s; null for ever.</param>
public sealed record RotateTokenRequest(long OverlapSeconds, long? LifetimeSeconds = null);

/// <summary>A token and its secret, which is not kept anywhere.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Secret">What its holder says; null for a binding, which has none.</param>
/// <param name="ExpiresAt">When it expires; null for never.</param>
public sealed record TokenSecretResponse([property: JsonRequired] string Name, string? Secret, string? ExpiresAt);

/// <summary>A token without its secret.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Policies">The names of its policies.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="ExpiresAt">When it expires; null for never.</param>
/// <param name="PreviousUntil">Until when the secret before the last rotation is accepted; null if none is.</param>
public sealed record TokenInfo(
    string Name,
    IReadOnlyList<string> Policies,
    string CreatedAt,
    string? ExpiresAt,
    string? PreviousUntil
);

/// <summary>All tokens.</summary>
/// <param name="Tokens">The tokens, in byte order of their names.</param>
public sealed record TokensResponse([property: JsonRequired] IReadOnlyList<TokenInfo> Tokens);

/// <summary>One rule of a policy.</summary>
/// <param name="Verbs">What it allows: lock-read, lock-write, observe, history, revoke, admin.</param>
/// <param name="Namespace">In which namespace.</param>
/// <param name="Prefix">Whether in all namespaces whose names begin so.</param>
/// <param name="Path">On this path and all beneath it; empty for all paths.</param>
public sealed record PolicyRuleInfo(
    [property: JsonRequired] IReadOnlyList<string> Verbs,
    [property: JsonRequired] string Namespace,
    bool Prefix = false,
    IReadOnlyList<string>? Path = null
);

/// <summary>A policy.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Rules">What it allows.</param>
public sealed record PolicyInfo(
    [property: JsonRequired] string Name,
    [property: JsonRequired] IReadOnlyList<PolicyRuleInfo> Rules
);

/// <summary>All policies.</summary>
/// <param name="Policies">The policies, in byte order of their names.</param>
public sealed record PoliciesResponse([property: JsonRequired] IReadOnlyList<PolicyInfo> Policies);

/// <summary>Whoever asks.</summary>
/// <param name="Name">The name of the token; <c>anonymous</c> without one.</param>
/// <param name="Rules">What it allows, by all its policies together.</param>
public sealed record PrincipalResponse(
    [property: JsonRequired] string Name,
    [property: JsonRequired] IReadOnlyList<PolicyRuleInfo> Rules
);

/// <summary>What was done.</summary>
/// <param name="Name">To which token or policy.</param>
public sealed record AuthDoneResponse(string Name);
