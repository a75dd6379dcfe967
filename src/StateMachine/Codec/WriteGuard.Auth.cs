// The limits of the commands about tokens and policies.
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Codec;

internal static partial class WriteGuard
{
    public static void Check(in InitialiseAuthCommand command)
    {
        Principal(command.Principal);
        AuthName(command.Name);
        Hash(command.Key);
        Hash(command.Hash);
        Time(command.ExpiresAtMs);
    }

    public static void Check(in CreateTokenCommand command)
    {
        Principal(command.Principal);
        AuthName(command.Name);
        Hash(command.Hash);
        Time(command.ExpiresAtMs);
        if (command.Policies.Count > Limits.MaxPoliciesPerToken)
        {
            throw new ArgumentException($"A token has at most {Limits.MaxPoliciesPerToken} policies.", nameof(command));
        }

        foreach (var policy in command.Policies)
        {
            AuthName(policy);
        }
    }

    public static void Check(in RotateTokenCommand command)
    {
        Principal(command.Principal);
        AuthName(command.Name);
        Hash(command.Hash);
        Time(command.PreviousUntilMs);
        Time(command.ExpiresAtMs);
    }

    public static void Check(in DeleteTokenCommand command)
    {
        Principal(command.Principal);
        AuthName(command.Name);
    }

    public static void Check(in SetPolicyCommand command) => Principal(command.Principal);

    public static void Check(in DeletePolicyCommand command)
    {
        Principal(command.Principal);
        AuthName(command.Name);
    }

    private static void Principal(ReadOnlyMemory<byte> name) => AtMost(Limits.MaxPrincipalBytes, name, "principal");

    private static void AuthName(ReadOnlyMemory<byte> command)
    {
        if (command.IsEmpty)
        {
            throw new ArgumentException("A token or policy has a name.", nameof(command));
        }

        AtMost(Limits.MaxAuthNameBytes, command, "name");
    }

    private static void Hash(ReadOnlyMemory<byte> command)
    {
        if (command.Length != Limits.AuthHashBytes)
        {
            throw new ArgumentException($"A key or hash has {Limits.AuthHashBytes} bytes.", nameof(command));
        }
    }

    private static void Time(long command)
    {
        if (command < 0)
        {
            throw new ArgumentException("A time is not negative.", nameof(command));
        }
    }
}
