// Between the words of the HTTP API about tokens and policies and those of the state. What is wrong is said in a
// sentence.
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using RaftLocks.Api;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Foundation;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Endpoints;

internal static class AuthMapper
{
    private const string SecretPrefix = "rl_";
    private const int SecretBytes = 32;

    private static readonly UTF8Encoding StrictUtf8 = new(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );

    private static readonly (Verbs Verb, string Word)[] Words =
    [
        (Verbs.LockRead, "lock-read"),
        (Verbs.LockWrite, "lock-write"),
        (Verbs.Observe, "observe"),
        (Verbs.History, "history"),
        (Verbs.Revoke, "revoke"),
        (Verbs.Admin, "admin"),
    ];

    /// <summary>A secret that nobody can guess.</summary>
    public static string NewSecret() =>
        SecretPrefix
        + Convert
            .ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes))
            .TrimEnd('=')
            .Replace('+', '-')
            .Replace('/', '_');

    /// <summary>What is wrong with a token's name; null if nothing is.</summary>
    public static string? WrongTokenName(string? name) =>
        name is Authenticator.AdminTokenName or "anonymous"
            ? $"'{name}' is no name for a token: it means something else."
        : BoundNames.IsBound(name) ? WrongBinding(name)
        : WrongName(name);

    /// <summary>What is wrong with the name of a token that must have a secret; null if nothing is.</summary>
    public static string? WithoutSecret(string? name) =>
        BoundNames.IsBound(name)
            ? "A name that begins with cert:, jwt: or group: has no secret: a certificate or a JWT proves it."
            : WrongTokenName(name);

    /// <summary>What is wrong with the name of a token or policy; null if nothing is.</summary>
    public static string? WrongName(string? name) =>
        name?.Length is > 0 and <= StateMachine.Limits.MaxAuthNameBytes && name.All(BoundNames.IsPlain)
            ? null
            : $"A name has 1 to {StateMachine.Limits.MaxAuthNameBytes} letters, digits, '-', '_', '.', '@' or ':'.";

    /// <summary>What is wrong with a lifetime; null if nothing is.</summary>
    public static string? WrongLifetime(long? seconds) =>
        seconds is null or (> 0 and <= Limits.MaxTokenLifeMs / 1000)
            ? null
            : $"A token lives for 1 to {Limits.MaxTokenLifeMs / 1000} seconds, or for ever.";

    /// <summary>When a lifetime that begins now ends, ms since 1970; 0 for never.</summary>
    public static long ExpiresAt(long nowMs, long? seconds) => seconds is { } some ? nowMs + (some * 1000) : 0;

    /// <summary>A time, as text; null for 0.</summary>
    public static string? Time(long ms) => ms == 0 ? null : TimeOf(ms);

    /// <summary>A token without its secret.</summary>
    public static TokenInfo Of(AccessToken token, long nowMs) =>
        new(
            Text(token.Name.Span),
            [.. token.Policies.Select(name => Text(name))],
            TimeOf(token.CreatedAtMs),
            Time(token.ExpiresAtMs),
            token.PreviousUntilMs > nowMs ? TimeOf(token.PreviousUntilMs) : null
        );

    /// <summary>A policy.</summary>
    public static PolicyInfo Of(Policy policy) => new(Text(policy.Name.Span), [.. policy.Rules.Select(Of)]);

    /// <summary>What somebody may do.</summary>
    public static IReadOnlyList<PolicyRuleInfo> Of(Rights rights) => [.. rights.Rules.Select(Of)];

    /// <summary>Reads a policy; null, and what is wrong.</summary>
    public static Policy? Read(PolicyInfo said, out string? error)
    {
        error = WrongName(said.Name);
        if (error is not null)
        {
            return null;
        }

        if (said.Rules.Count > StateMachine.Limits.MaxRulesPerPolicy)
        {
            error = $"A policy has at most {StateMachine.Limits.MaxRulesPerPolicy} rules.";
            return null;
        }

        var rules = new List<PolicyRule>();
        foreach (var one in (IReadOnlyList<PolicyRuleInfo?>)said.Rules)
        {
            if (Read(one, out error) is not { } rule)
            {
                return null;
            }

            rules.Add(rule);
        }

        try
        {
            return Policy.Of(Encoding.UTF8.GetBytes(said.Name), rules);
        }
        catch (ArgumentException)
        {
            error = $"A policy has at most {StateMachine.Limits.MaxAuthItemBytes} bytes: make several of it.";
            return null;
        }
    }

    /// <summary>What is wrong with the name of what is to be deleted; null if nothing is.</summary>
    public static string? WrongDeletion(string name) =>
        WrongName(name) is { } wrong ? (BoundNames.IsBound(name) ? WrongBinding(name) : wrong) : null;

    private static string? WrongBinding(string name) =>
        BoundNames.IsWritten(name) && name.Length <= StateMachine.Limits.MaxAuthNameBytes
            ? null
            : "A name after cert:, jwt: or group: has letters, digits, '-', '_', '.', '@' or ':', and ~XX for each "
                + "byte of everything else (~20 for a space); "
                + $"{StateMachine.Limits.MaxAuthNameBytes} characters in all.";

    private static PolicyRule? Read(PolicyRuleInfo? said, out string? error)
    {
        error = said is null ? "A rule is null: say what it allows." : null;
        if (said is null)
        {
            return null;
        }

        var verbs = Verbs.None;
        foreach (var word in said.Verbs)
        {
            var verb = Words.FirstOrDefault(one => one.Word == word).Verb;
            if (verb == Verbs.None)
            {
                error = $"'{word}' is no verb: say {string.Join(", ", Words.Select(one => one.Word))}.";
                return null;
            }

            verbs |= verb;
        }

        if (verbs == Verbs.None)
        {
            error = "A rule allows something: give it verbs.";
            return null;
        }

        try
        {
            var space = StrictUtf8.GetBytes(said.Namespace);
            if (space.Length > Limits.MaxNamespaceBytes)
            {
                error = $"A namespace's name has at most {Limits.MaxNamespaceBytes} bytes.";
                return null;
            }

            return new PolicyRule(verbs, space, said.Prefix, [.. (said.Path ?? []).Select(StrictUtf8.GetBytes)]);
        }
        catch (ArgumentException)
        {
            error = "A namespace or path is no valid text (null, or half of a surrogate pair).";
            return null;
        }
    }

    private static PolicyRuleInfo Of(PolicyRule rule) =>
        new(
            [.. Words.Where(one => rule.Verbs.HasFlag(one.Verb)).Select(one => one.Word)],
            Text(rule.Namespace),
            rule.IsPrefix,
            [.. rule.Path.Select(segment => Text(segment))]
        );

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    private static string TimeOf(long ms) =>
        DateTimeOffset
            .FromUnixTimeMilliseconds(Math.Clamp(ms, 0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()))
            .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
