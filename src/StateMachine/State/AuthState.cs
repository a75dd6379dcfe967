// Tokens and policies: who is known, and who may do what. It never changes: a command makes a new one. So it is frozen
// for a snapshot by keeping it, and read on any thread. In a snapshot (StateFormat.cs):
//
//   key block (0 or 32) | policies varint | blocks in byte order of their names | tokens varint | blocks, likewise
using System.Security.Cryptography;
using RaftLocks.StateMachine.Primitives;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.State;

/// <summary>The tokens and policies at one moment.</summary>
public sealed class AuthState
{
    /// <summary>Nobody is asked who they are.</summary>
    public static readonly AuthState Off = new([], [], [], 0);

    private const ulong KeySeed = 0x41;
    private const ulong PolicySeed = 0x42;
    private const ulong TokenSeed = 0x43;

    private readonly byte[] key;
    private readonly Policy[] policies;
    private readonly AccessToken[] tokens;

    private AuthState(byte[] key, Policy[] policies, AccessToken[] tokens, UInt128 sum)
    {
        this.key = key;
        this.policies = policies;
        this.tokens = tokens;
        Sum = sum;
        Anonymous = FindPolicy(Policy.Anonymous.Name.Span) is { } policy ? new Rights(policy.Rules) : Rights.None;
    }

    /// <summary>Whether rights are asked for.</summary>
    public bool IsOn => key.Length > 0;

    /// <summary>All policies, in byte order of their names.</summary>
    public IReadOnlyList<Policy> Policies => policies;

    /// <summary>All tokens, in byte order of their names.</summary>
    public IReadOnlyList<AccessToken> Tokens => tokens;

    /// <summary>The rights of whoever has no token: those of the policy <c>anonymous</c>, if there is one.</summary>
    public Rights Anonymous { get; }

    /// <summary>What it adds to the digest of the whole state.</summary>
    internal UInt128 Sum { get; }

    /// <summary>The keyed hash of a secret.</summary>
    /// <param name="secret">What somebody says.</param>
    public byte[] HashOf(ReadOnlySpan<byte> secret) => HMACSHA256.HashData(key, secret);

    /// <summary>A token by its name.</summary>
    public AccessToken? FindToken(ReadOnlySpan<byte> name) =>
        IndexOf(tokens, static token => token.Name.Span, name) is >= 0 and var at ? tokens[at] : null;

    /// <summary>The token that a secret belongs to; null if none accepts it now.</summary>
    /// <param name="hash">The keyed hash of the secret.</param>
    /// <param name="nowMs">The time, ms since 1970.</param>
    public AccessToken? FindToken(ReadOnlySpan<byte> hash, long nowMs)
    {
        foreach (var token in tokens)
        {
            if (token.Accepts(hash, nowMs))
            {
                return token;
            }
        }

        return null;
    }

    /// <summary>A policy by its name.</summary>
    public Policy? FindPolicy(ReadOnlySpan<byte> name) =>
        IndexOf(policies, static policy => policy.Name.Span, name) is >= 0 and var at ? policies[at] : null;

    /// <summary>The rights that a token gives.</summary>
    public Rights RightsOf(AccessToken token) =>
        new([.. token.Policies.SelectMany(name => FindPolicy(name)?.Rules ?? [])]);

    internal ReadOnlySpan<byte> Key => key;

    /// <summary>A principal's bytes: those of the token of that name, if there is one, else a copy.</summary>
    internal ReadOnlyMemory<byte> Shared(ReadOnlySpan<byte> principal) =>
        principal.IsEmpty ? default
        : FindToken(principal) is { } token ? token.Name
        : principal.ToArray();

    internal bool IsFullOfTokens => tokens.Length >= Limits.MaxTokens;

    internal bool IsFullOfPolicies => policies.Length >= Limits.MaxPolicies;

    internal bool IsInUse(ReadOnlySpan<byte> policy)
    {
        foreach (var token in tokens)
        {
            foreach (var name in token.Policies)
            {
                if (policy.SequenceEqual(name))
                {
                    return true;
                }
            }
        }

        return false;
    }

    internal static AuthState Begin(ReadOnlySpan<byte> key) => new(key.ToArray(), [], [], Hash128.Of(key, KeySeed));

    internal AuthState With(Policy policy)
    {
        var sum = Sum + Hash128.Of(policy.Bytes, PolicySeed);
        sum -= FindPolicy(policy.Name.Span) is { } old ? Hash128.Of(old.Bytes, PolicySeed) : UInt128.Zero;
        return new AuthState(key, Put(policies, static one => one.Name.Span, policy), tokens, sum);
    }

    internal AuthState With(AccessToken token)
    {
        var sum = Sum + Hash128.Of(token.Bytes, TokenSeed);
        sum -= FindToken(token.Name.Span) is { } old ? Hash128.Of(old.Bytes, TokenSeed) : UInt128.Zero;
        return new AuthState(key, policies, Put(tokens, static one => one.Name.Span, token), sum);
    }

    internal AuthState Without(Policy policy) =>
        new(key, [.. policies.Where(one => one != policy)], tokens, Sum - Hash128.Of(policy.Bytes, PolicySeed));

    internal AuthState Without(AccessToken token) =>
        new(key, policies, [.. tokens.Where(one => one != token)], Sum - Hash128.Of(token.Bytes, TokenSeed));

    internal void WriteTo(ByteWriter bytes)
    {
        bytes.Block(key);
        bytes.Varint((ulong)policies.Length);
        foreach (var policy in policies)
        {
            bytes.Block(policy.Bytes);
        }

        bytes.Varint((ulong)tokens.Length);
        foreach (var token in tokens)
        {
            bytes.Block(token.Bytes);
        }
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote; null if these bytes are none.</summary>
    internal static AuthState? Parse(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        if (
            !reader.TryBlock(Limits.AuthHashBytes, out var key)
            || key.Length is not (0 or Limits.AuthHashBytes)
            || !reader.TryVarint(out var policyCount)
            || policyCount > Limits.MaxPolicies
        )
        {
            return null;
        }

        var sum = key.IsEmpty ? UInt128.Zero : Hash128.Of(key, KeySeed);
        var readPolicies = new Policy[policyCount];
        ReadOnlySpan<byte> last = default;
        for (var i = 0; i < readPolicies.Length; i++)
        {
            if (
                !reader.TryBlock(Limits.MaxAuthItemBytes, out var item)
                || Policy.Parse(item) is not { } policy
                || last.SequenceCompareTo(policy.Name.Span) >= 0
            )
            {
                return null;
            }

            readPolicies[i] = policy;
            last = policy.Name.Span;
            sum += Hash128.Of(item, PolicySeed);
        }

        if (ParseTokens(ref reader) is not { } readTokens || !reader.AtEnd)
        {
            return null;
        }

        foreach (var token in readTokens)
        {
            sum += Hash128.Of(token.Bytes, TokenSeed);
        }

        return key.IsEmpty && policyCount + (ulong)readTokens.Length > 0
            ? null
            : new AuthState(key.ToArray(), readPolicies, readTokens, sum);
    }

    private static AccessToken[]? ParseTokens(scoped ref ByteReader reader)
    {
        if (!reader.TryVarint(out var count) || count > Limits.MaxTokens)
        {
            return null;
        }

        var read = new AccessToken[count];
        ReadOnlySpan<byte> last = default;
        for (var i = 0; i < read.Length; i++)
        {
            if (
                !reader.TryBlock(Limits.MaxAuthItemBytes, out var item)
                || AccessToken.Parse(item) is not { } token
                || last.SequenceCompareTo(token.Name.Span) >= 0
            )
            {
                return null;
            }

            read[i] = token;
            last = token.Name.Span;
        }

        return read;
    }

    private delegate ReadOnlySpan<byte> NameOf<in T>(T item);

    private static int IndexOf<T>(T[] items, NameOf<T> nameOf, ReadOnlySpan<byte> name)
    {
        var (low, high) = (0, items.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = nameOf(items[middle]).SequenceCompareTo(name);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }

    private static T[] Put<T>(T[] items, NameOf<T> nameOf, T item)
    {
        var at = IndexOf(items, nameOf, nameOf(item));
        return at >= 0 ? [.. items[..at], item, .. items[(at + 1)..]] : [.. items[..~at], item, .. items[~at..]];
    }
}
