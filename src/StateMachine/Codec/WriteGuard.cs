// The limits of an entry, checked where it is written. Apply refuses an entry beyond the limits as damaged, and a
// committed entry that is refused stops every node. So it must never be written. The node's own limits are stricter; an
// entry that reaches one of these is a defect of the node.
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Codec;

internal static class WriteGuard
{
    public static void Check(in LockCommand command)
    {
        Namespace(command.Namespace);
        AtMost(Limits.MaxChannelBytes, command.Channel, "channel");
        AtMost(Limits.MaxLabelBytes, command.Label, "label");
        AtMost(Limits.MaxLabelBytes, command.Ref, "mark");
        if (command.Resources.Count == 0)
        {
            throw new ArgumentException("A lock names at least one resource.", nameof(command));
        }

        if (command.AbandonTimeoutMs < 0)
        {
            throw new ArgumentException("An abandon timeout is not negative.", nameof(command));
        }

        if (command.WaitLimitMs is < -1 or long.MaxValue)
        {
            throw new ArgumentException("A wait limit is -1, 0 or positive.", nameof(command));
        }
    }

    public static void Check(in ReleaseCommand command)
    {
        Namespace(command.Namespace);
        AtMost(Limits.MaxChannelBytes, command.Channel, "channel");
    }

    public static void Check(in AbandonCommand command) => Namespace(command.Namespace);

    public static void Check(in TimeoutCommand command) => Namespace(command.Namespace);

    public static void Check(in RevokeCommand command)
    {
        Namespace(command.Namespace);
        AtMost(Limits.MaxReasonBytes, command.Reason, "reason");
    }

    public static void Check(in DowngradeCommand command) => Namespace(command.Namespace);

    public static void Check(in RaiseFeatureLevelCommand command)
    {
        if (command.Level < 0)
        {
            throw new ArgumentException("A feature level is not negative.", nameof(command));
        }
    }

    private static void Namespace(ReadOnlyMemory<byte> name) => AtMost(Limits.MaxNamespaceBytes, name, "namespace");

    private static void AtMost(int limit, ReadOnlyMemory<byte> command, string what)
    {
        if (command.Length > limit)
        {
            throw new ArgumentException(
                $"A {what} of {command.Length} bytes; at most {limit} fit in a log entry.",
                nameof(command)
            );
        }
    }
}
