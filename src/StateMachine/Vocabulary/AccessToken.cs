// A token as the state keeps it, and its canonical bytes:
//
//   name block | hash 32 | previous hash block (0 or 32) | previous until varint | expires varint | created varint |
//   policies varint | name blocks
using RaftLocks.StateMachine.Primitives;

namespace RaftLocks.StateMachine.Vocabulary;

/// <summary>A token: a name, and the keyed hash of a secret. The name is the principal of whoever knows it.</summary>
public sealed class AccessToken
{
    private readonly byte[] name;
    private readonly byte[] hash;
    private readonly byte[] previousHash;
    private readonly byte[][] policies;

    private AccessToken(byte[] bytes, byte[] name, byte[] hash, byte[] previousHash, byte[][] policies)
    {
        Bytes = bytes;
        this.name = name;
        this.hash = hash;
        this.previousHash = previousHash;
        this.policies = policies;
    }

    /// <summary>Its name, UTF-8.</summary>
    public ReadOnlyMemory<byte> Name => name;

    /// <summary>The names of its policies, UTF-8.</summary>
    public IReadOnlyList<byte[]> Policies => policies;

    /// <summary>Until when the secret before the last rotation is accepted, ms since 1970; 0 if none is.</summary>
    public long PreviousUntilMs { get; private init; }

    /// <summary>When it expires, ms since 1970; 0 for never.</summary>
    public long ExpiresAtMs { get; private init; }

    /// <summary>The replicated clock when it was created, ms since 1970.</summary>
    public long CreatedAtMs { get; private init; }

    internal ReadOnlySpan<byte> Hash => hash;

    internal byte[] Bytes { get; }

    /// <summary>Whether a secret with this hash is accepted now.</summary>
    /// <param name="said">The keyed hash of what somebody says.</param>
    /// <param name="nowMs">The time, ms since 1970.</param>
    public bool Accepts(ReadOnlySpan<byte> said, long nowMs) =>
        (ExpiresAtMs == 0 || nowMs < ExpiresAtMs)
        && (said.SequenceEqual(hash) || (nowMs < PreviousUntilMs && said.SequenceEqual(previousHash)));

    /// <summary>Reads a token; null if these bytes are none.</summary>
    public static AccessToken? Parse(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        if (
            bytes.Length > Limits.MaxAuthItemBytes
            || !reader.TryBlock(Limits.MaxAuthNameBytes, out var name)
            || name.IsEmpty
            || !reader.TryRaw(Limits.AuthHashBytes, out var hash)
            || !reader.TryBlock(Limits.AuthHashBytes, out var previous)
            || previous.Length is not (0 or Limits.AuthHashBytes)
            || !reader.TryVarintInt64(out var previousUntilMs)
            || !reader.TryVarintInt64(out var expiresAtMs)
            || !reader.TryVarintInt64(out var createdAtMs)
            || !reader.TryVarint(out var count)
            || count > Limits.MaxPoliciesPerToken
        )
        {
            return null;
        }

        var names = new byte[count][];
        for (var i = 0; i < names.Length; i++)
        {
            if (!reader.TryBlock(Limits.MaxAuthNameBytes, out var policy))
            {
                return null;
            }

            names[i] = policy.ToArray();
        }

        return reader.AtEnd
            ? new AccessToken(bytes.ToArray(), name.ToArray(), hash.ToArray(), previous.ToArray(), names)
            {
                PreviousUntilMs = previousUntilMs,
                ExpiresAtMs = expiresAtMs,
                CreatedAtMs = createdAtMs,
            }
            : null;
    }

    internal static AccessToken Of(
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> hash,
        long expiresAtMs,
        long createdAtMs,
        IReadOnlyList<byte[]> policies
    ) => Make(name, hash, [], 0, expiresAtMs, createdAtMs, policies);

    /// <summary>The same token with a new secret.</summary>
    internal AccessToken Rotated(ReadOnlySpan<byte> newHash, long previousUntilMs, long expiresAtMs) =>
        Make(name, newHash, previousUntilMs == 0 ? [] : hash, previousUntilMs, expiresAtMs, CreatedAtMs, policies);

    // Its parts were checked where the command was read, and their limits together are below that of an item.
    private static AccessToken Make(
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> hash,
        ReadOnlySpan<byte> previous,
        long previousUntilMs,
        long expiresAtMs,
        long createdAtMs,
        IReadOnlyList<byte[]> policies
    )
    {
        var bytes = new ByteWriter();
        bytes.Block(name);
        bytes.Raw(hash);
        bytes.Block(previous);
        bytes.Varint((ulong)previousUntilMs);
        bytes.Varint((ulong)expiresAtMs);
        bytes.Varint((ulong)createdAtMs);
        bytes.Varint((ulong)policies.Count);
        foreach (var policy in policies)
        {
            bytes.Block(policy);
        }

        return Parse(bytes.Written)!;
    }
}
