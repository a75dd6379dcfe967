// The tokens and policies as the events tell of them, with code of its own: names and bytes, and nothing that a state
// machine derives from them.
using RaftLocks.StateMachine;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Ledger.Proof;

internal sealed class AuthVerifier
{
    private readonly Dictionary<byte[], byte[]> tokens = new(ByteKey.Comparer);
    private readonly Dictionary<byte[], byte[]> policies = new(ByteKey.Comparer);
    private byte[] key = [];

    /// <summary>Begins with what a checkpoint says.</summary>
    public void Load(AuthState state)
    {
        tokens.Clear();
        policies.Clear();
        key = state.Key.ToArray();
        foreach (var token in state.Tokens)
        {
            tokens.Add(token.Name.ToArray(), token.Bytes);
        }

        foreach (var policy in state.Policies)
        {
            policies.Add(policy.Name.ToArray(), policy.Bytes);
        }
    }

    /// <summary>Whether a checkpoint says what the events lead to.</summary>
    public bool IsEqualTo(AuthState state) =>
        state.Key.SequenceEqual(key)
        && state.Tokens.Count == tokens.Count
        && state.Policies.Count == policies.Count
        && state.Tokens.All(token => Has(tokens, token.Name, token.Bytes))
        && state.Policies.All(policy => Has(policies, policy.Name, policy.Bytes));

    /// <summary>Plays an event; null, or what contradicts those before.</summary>
    public string? Apply(EventKind kind, ReadOnlySpan<byte> payload)
    {
        if (kind == EventKind.AuthInitialised)
        {
            var isFirst = key.Length == 0 && payload.Length == Limits.AuthHashBytes;
            key = payload.ToArray();
            return isFirst ? null : "authentication is initialised a second time, or without a key";
        }

        if (key.Length == 0)
        {
            return $"{kind} is said before authentication is initialised";
        }

        var fits = kind switch
        {
            EventKind.TokenCreated => AccessToken.Parse(payload) is { } token
                && tokens.TryAdd(token.Name.ToArray(), token.Bytes),
            EventKind.TokenRotated => AccessToken.Parse(payload) is { } token && Rotate(token),
            EventKind.TokenDeleted => tokens.Remove(payload.ToArray()),
            EventKind.PolicySet => Policy.Parse(payload) is { } policy && Set(policy),
            _ => policies.Remove(payload.ToArray()),
        };
        return fits ? null : $"{kind} does not fit the tokens and policies before it";
    }

    private bool Rotate(AccessToken token)
    {
        var isKnown = tokens.ContainsKey(token.Name.ToArray());
        tokens[token.Name.ToArray()] = token.Bytes;
        return isKnown;
    }

    private bool Set(Policy policy)
    {
        policies[policy.Name.ToArray()] = policy.Bytes;
        return true;
    }

    private static bool Has(Dictionary<byte[], byte[]> known, ReadOnlyMemory<byte> name, byte[] bytes) =>
        known.TryGetValue(name.ToArray(), out var saved) && bytes.AsSpan().SequenceEqual(saved);
}
