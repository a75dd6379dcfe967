// What a command about tokens and policies carries, behind its kind and its principal (EntryFormat.cs):
//
//   InitialiseAuth key 32 | keeps anonymous 1 | name block | hash 32 | expires varint
//   CreateToken    name block | hash 32 | expires varint | policies varint | name blocks
//   RotateToken    name block | hash 32 | previous until varint | expires varint
//   SetPolicy      policy block (Policy.cs)
//   DeleteToken, DeletePolicy   name block
using RaftLocks.StateMachine.Primitives;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Codec;

/// <summary>A payload in its parts; those that its command does not have are empty.</summary>
internal ref struct AuthPayload
{
    public ReadOnlySpan<byte> Key;
    public bool KeepsAnonymous;
    public ReadOnlySpan<byte> Name;
    public ReadOnlySpan<byte> Hash;
    public long PreviousUntilMs;
    public long ExpiresAtMs;
    public byte[][] Policies;
    public Policy? Policy;

    /// <summary>Reads a payload; false if these bytes are none.</summary>
    public static bool TryRead(CommandKind kind, scoped ref ByteReader reader, out AuthPayload payload)
    {
        AuthPayload read = default;
        read.Policies = [];
        var rest = reader;
        var there = kind switch
        {
            CommandKind.InitialiseAuth => TryInitialise(ref rest, ref read),
            CommandKind.CreateToken => TryName(ref rest, ref read)
                && rest.TryRaw(Limits.AuthHashBytes, out read.Hash)
                && rest.TryVarintInt64(out read.ExpiresAtMs)
                && TryPolicies(ref rest, ref read),
            CommandKind.RotateToken => TryName(ref rest, ref read)
                && rest.TryRaw(Limits.AuthHashBytes, out read.Hash)
                && rest.TryVarintInt64(out read.PreviousUntilMs)
                && rest.TryVarintInt64(out read.ExpiresAtMs),
            CommandKind.DeleteToken or CommandKind.DeletePolicy => TryName(ref rest, ref read),
            CommandKind.SetPolicy => TryPolicy(ref rest, ref read),
            _ => false,
        };
        reader = rest;
        payload = read;
        return there;
    }

    private static bool TryInitialise(scoped ref ByteReader reader, scoped ref AuthPayload payload)
    {
        if (!reader.TryRaw(Limits.AuthHashBytes, out payload.Key) || !reader.TryByte(out var keeps) || keeps > 1)
        {
            return false;
        }

        payload.KeepsAnonymous = keeps == 1;
        return TryName(ref reader, ref payload)
            && reader.TryRaw(Limits.AuthHashBytes, out payload.Hash)
            && reader.TryVarintInt64(out payload.ExpiresAtMs);
    }

    private static bool TryName(scoped ref ByteReader reader, scoped ref AuthPayload payload) =>
        reader.TryBlock(Limits.MaxAuthNameBytes, out payload.Name) && !payload.Name.IsEmpty;

    private static bool TryPolicies(scoped ref ByteReader reader, scoped ref AuthPayload payload)
    {
        if (!reader.TryVarint(out var count) || count > Limits.MaxPoliciesPerToken)
        {
            return false;
        }

        payload.Policies = new byte[count][];
        for (var i = 0; i < payload.Policies.Length; i++)
        {
            if (!reader.TryBlock(Limits.MaxAuthNameBytes, out var name))
            {
                return false;
            }

            payload.Policies[i] = name.ToArray();
        }

        return true;
    }

    private static bool TryPolicy(scoped ref ByteReader reader, scoped ref AuthPayload payload)
    {
        payload.Policy = reader.TryBlock(Limits.MaxAuthItemBytes, out var bytes) ? Policy.Parse(bytes) : null;
        return payload.Policy is not null;
    }
}
