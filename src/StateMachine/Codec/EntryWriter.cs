// The format of a log entry, version 1. All integers little-endian.
//
//   magic 0xB7 | version 1 | batch id 16 | leader's time 8 (ms since 1970) | count 4 | commands … | CRC-32C 4
//
// Each command: kind 1, then
//   Lock      namespace block | session 16 | resumable 1 | abandon timeout varint | wait limit + 1 varint | body
//   Release   namespace block | session 16 | resumable 1 | channel block
//   Abandon   namespace block | id varint
//   RaiseFeatureLevel level varint
// and from feature level 2 on
//   Timeout   namespace block | id varint
//   Revoke    namespace block | id varint | reason block
//   Downgrade namespace block | id varint
// and from feature level 3 on those that AuthPayload.cs describes. From that level on too, a flag in the kind's top bit
// says that the principal who caused the command stands behind the kind, as a block that is not empty.
//
// A lock's body: channel block | label block | ref block | resources (ResourceSet). A block is a varint length and as
// many bytes.
//
// A writer packs commands into an entry. It checks each first: apply refuses an entry beyond the limits as damaged, and
// a committed entry that is refused stops every node, so it must never be written.
using RaftLocks.StateMachine.Primitives;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Codec;

/// <summary>Reads what an entry says without its commands.</summary>
public static class EntryFormat
{
    /// <summary>The version that this build writes.</summary>
    public const byte Version = 1;

    /// <summary>The flag in a command's kind that says that a principal follows.</summary>
    internal const byte HasPrincipal = 0x80;

    internal const byte Magic = 0xB7;
    internal const int CountPosition = 26;
    internal const int HeaderBytes = 30;

    /// <summary>
    /// Reads the batch id, by which a proposer finds its waiters again; false if these bytes are no entry of this
    /// version.
    /// </summary>
    public static bool TryReadBatchId(ReadOnlySpan<byte> entry, out UInt128 batchId)
    {
        var reader = new ByteReader(entry);
        if (reader.TryByte(out var magic) && magic == Magic && reader.TryByte(out var version) && version == Version)
        {
            return reader.TryUInt128(out batchId);
        }

        batchId = default;
        return false;
    }

    /// <summary>Checks an entry's frame, its checksum and each of its commands, without applying it.</summary>
    /// <returns><see cref="ApplyOutcome.Applied"/> if this build can read it, else what is wrong.</returns>
    public static ApplyOutcome Check(ReadOnlySpan<byte> entry) => EntryReader.Open(entry, out _);
}

/// <summary>Encodes a batch of commands; see <see cref="EntryFormat"/>. A command beyond <see cref="Limits"/> throws
/// and is not added: the entry stays as it was.
/// </summary>
public sealed partial class EntryWriter
{
    private readonly ByteWriter bytes = new(4096);

    /// <summary>Commands so far.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes so far, without the checksum.</summary>
    public int Length => bytes.Length;

    /// <summary>Starts an entry.</summary>
    /// <param name="batchId">Unique among all entries.</param>
    /// <param name="leaderTimeMs">The leader's wall clock, ms since 1970.</param>
    public void Begin(UInt128 batchId, long leaderTimeMs)
    {
        bytes.Clear();
        bytes.Byte(EntryFormat.Magic);
        bytes.Byte(EntryFormat.Version);
        bytes.UInt128(batchId);
        bytes.Int64(leaderTimeMs);
        bytes.Int32(0);
        Count = 0;
    }

    /// <summary>Adds a lock.</summary>
    public void Add(in LockCommand command)
    {
        WriteGuard.Check(command);
        Start(CommandKind.Lock, command.Principal, command.Namespace, command.Session);
        bytes.Varint((ulong)command.AbandonTimeoutMs);
        bytes.Varint((ulong)(command.WaitLimitMs + 1));
        bytes.Block(command.Channel.Span);
        bytes.Block(command.Label.Span);
        bytes.Block(command.Ref.Span);
        bytes.Raw(command.Resources.Bytes);
    }

    /// <summary>Adds a release.</summary>
    public void Add(in ReleaseCommand command)
    {
        WriteGuard.Check(command);
        Start(CommandKind.Release, command.Principal, command.Namespace, command.Session);
        bytes.Block(command.Channel.Span);
    }

    /// <summary>Adds an abandon.</summary>
    public void Add(in AbandonCommand command)
    {
        WriteGuard.Check(command);
        Start(CommandKind.Abandon, command.Namespace, command.Id);
    }

    /// <summary>Adds a timeout. Feature level 2.</summary>
    public void Add(in TimeoutCommand command)
    {
        WriteGuard.Check(command);
        Start(CommandKind.Timeout, command.Namespace, command.Id);
    }

    /// <summary>Adds a revoke. Feature level 2.</summary>
    public void Add(in RevokeCommand command)
    {
        WriteGuard.Check(command);
        Start(CommandKind.Revoke, command.Namespace, command.Id, command.Principal);
        bytes.Block(command.Reason.Span);
    }

    /// <summary>Adds a downgrade. Feature level 2.</summary>
    public void Add(in DowngradeCommand command)
    {
        WriteGuard.Check(command);
        Start(CommandKind.Downgrade, command.Namespace, command.Id, command.Principal);
    }

    /// <summary>Adds a raise of the feature level.</summary>
    public void Add(in RaiseFeatureLevelCommand command)
    {
        WriteGuard.Check(command);
        Start(CommandKind.RaiseFeatureLevel);
        bytes.Varint((ulong)command.Level);
    }

    /// <summary>The entry's bytes, valid until the next <see cref="Begin"/>.</summary>
    public ReadOnlyMemory<byte> Complete()
    {
        bytes.PatchInt32(EntryFormat.CountPosition, Count);
        bytes.UInt32(Crc32C.Of(bytes.Written));
        return bytes.WrittenMemory;
    }

    private void Start(CommandKind kind, ReadOnlyMemory<byte> principal = default)
    {
        if (Count == Limits.MaxCommandsPerEntry)
        {
            throw new InvalidOperationException($"At most {Limits.MaxCommandsPerEntry} commands fit in a log entry.");
        }

        if (principal.IsEmpty)
        {
            bytes.Byte((byte)kind);
        }
        else
        {
            bytes.Byte((byte)((byte)kind | EntryFormat.HasPrincipal));
            bytes.Block(principal.Span);
        }

        Count++;
    }

    private void Start(
        CommandKind kind,
        ReadOnlyMemory<byte> @namespace,
        ulong id,
        ReadOnlyMemory<byte> principal = default
    )
    {
        Start(kind, principal);
        bytes.Block(@namespace.Span);
        bytes.Varint(id);
    }

    private void Start(
        CommandKind kind,
        ReadOnlyMemory<byte> principal,
        ReadOnlyMemory<byte> @namespace,
        SessionId session
    )
    {
        Start(kind, principal);
        bytes.Block(@namespace.Span);
        bytes.UInt128(session.Value);
        bytes.Byte(session.Resumable ? (byte)1 : (byte)0);
    }
}

internal static partial class WriteGuard
{
    public static void Check(in LockCommand command)
    {
        Principal(command.Principal);
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
        Principal(command.Principal);
        Namespace(command.Namespace);
        AtMost(Limits.MaxChannelBytes, command.Channel, "channel");
    }

    public static void Check(in AbandonCommand command) => Namespace(command.Namespace);

    public static void Check(in TimeoutCommand command) => Namespace(command.Namespace);

    public static void Check(in RevokeCommand command)
    {
        Principal(command.Principal);
        Namespace(command.Namespace);
        AtMost(Limits.MaxReasonBytes, command.Reason, "reason");
    }

    public static void Check(in DowngradeCommand command)
    {
        Principal(command.Principal);
        Namespace(command.Namespace);
    }

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
