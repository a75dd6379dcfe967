// The commands that change who may do what. Feature level 3. Each carries the principal who caused it; secrets never
// come here, only their keyed hashes.
namespace RaftLocks.StateMachine.Vocabulary;

/// <summary>
/// Turns authentication on, with a policy <c>admin</c> that allows everything and a first token that has it.
/// </summary>
/// <param name="Key">The key of all tokens' hashes, <see cref="Limits.AuthHashBytes"/>.</param>
/// <param name="KeepsAnonymous">Whether clients without a token may do what they could before: all but
/// <see cref="Verbs.Admin"/> and <see cref="Verbs.Revoke"/>.</param>
/// <param name="Name">The first token's name.</param>
/// <param name="Hash">The hash of its secret.</param>
/// <param name="ExpiresAtMs">When it expires, ms since 1970; 0 for never.</param>
/// <param name="Principal">Who asks, UTF-8.</param>
public readonly record struct InitialiseAuthCommand(
    ReadOnlyMemory<byte> Key,
    bool KeepsAnonymous,
    ReadOnlyMemory<byte> Name,
    ReadOnlyMemory<byte> Hash,
    long ExpiresAtMs,
    ReadOnlyMemory<byte> Principal = default
);

/// <summary>Creates a token.</summary>
/// <param name="Name">Its name, by which its holder is known.</param>
/// <param name="Hash">The keyed hash of its secret.</param>
/// <param name="ExpiresAtMs">When it expires, ms since 1970; 0 for never.</param>
/// <param name="Policies">The names of its policies.</param>
/// <param name="Principal">Who asks, UTF-8.</param>
public readonly record struct CreateTokenCommand(
    ReadOnlyMemory<byte> Name,
    ReadOnlyMemory<byte> Hash,
    long ExpiresAtMs,
    IReadOnlyList<ReadOnlyMemory<byte>> Policies,
    ReadOnlyMemory<byte> Principal = default
);

/// <summary>Gives a token a new secret. The old one is accepted for a while.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Hash">The keyed hash of the new secret.</param>
/// <param name="PreviousUntilMs">Until when the old secret is accepted, ms since 1970; 0 for no longer.</param>
/// <param name="ExpiresAtMs">When the token expires, ms since 1970; 0 for never.</param>
/// <param name="Principal">Who asks, UTF-8.</param>
public readonly record struct RotateTokenCommand(
    ReadOnlyMemory<byte> Name,
    ReadOnlyMemory<byte> Hash,
    long PreviousUntilMs,
    long ExpiresAtMs,
    ReadOnlyMemory<byte> Principal = default
);

/// <summary>Deletes a token.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Principal">Who asks, UTF-8.</param>
public readonly record struct DeleteTokenCommand(ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> Principal = default);

/// <summary>Creates a policy, or replaces the one of its name.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Principal">Who asks, UTF-8.</param>
public readonly record struct SetPolicyCommand(Policy Policy, ReadOnlyMemory<byte> Principal = default);

/// <summary>Deletes a policy that no token has.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Principal">Who asks, UTF-8.</param>
public readonly record struct DeletePolicyCommand(ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> Principal = default);
