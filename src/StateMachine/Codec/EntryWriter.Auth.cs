// Packs the commands about tokens and policies. Feature level 3.
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Codec;

public sealed partial class EntryWriter
{
    /// <summary>Adds the command that turns authentication on.</summary>
    public void Add(in InitialiseAuthCommand command)
    {
        WriteGuard.Check(command);
        Start(CommandKind.InitialiseAuth, command.Principal);
        bytes.Raw(command.Key.Span);
        bytes.Byte(command.KeepsAnonymous ? (byte)1 : (byte)0);
        bytes.Block(command.Name.Span);
        bytes.Raw(command.Hash.Span);
        bytes.Varint((ulong)command.ExpiresAtMs);
    }

    /// <summary>Adds a new token.</summary>
    public void Add(in CreateTokenCommand command)
    {
        WriteGuard.Check(command);
        Start(CommandKind.CreateToken, command.Principal);
        bytes.Block(command.Name.Span);
        bytes.Raw(command.Hash.Span);
        bytes.Varint((ulong)command.ExpiresAtMs);
        bytes.Varint((ulong)command.Policies.Count);
        foreach (var policy in command.Policies)
        {
            bytes.Block(policy.Span);
        }
    }

    /// <summary>Adds a token's new secret.</summary>
    public void Add(in RotateTokenCommand command)
    {
        WriteGuard.Check(command);
        Start(CommandKind.RotateToken, command.Principal);
        bytes.Block(command.Name.Span);
        bytes.Raw(command.Hash.Span);
        bytes.Varint((ulong)command.PreviousUntilMs);
        bytes.Varint((ulong)command.ExpiresAtMs);
    }

    /// <summary>Adds the end of a token.</summary>
    public void Add(in DeleteTokenCommand command)
    {
        WriteGuard.Check(command);
        Start(CommandKind.DeleteToken, command.Principal);
        bytes.Block(command.Name.Span);
    }

    /// <summary>Adds a policy.</summary>
    public void Add(in SetPolicyCommand command)
    {
        WriteGuard.Check(command);
        Start(CommandKind.SetPolicy, command.Principal);
        bytes.Block(command.Policy.Bytes);
    }

    /// <summary>Adds the end of a policy.</summary>
    public void Add(in DeletePolicyCommand command)
    {
        WriteGuard.Check(command);
        Start(CommandKind.DeletePolicy, command.Principal);
        bytes.Block(command.Name.Span);
    }
}
