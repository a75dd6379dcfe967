// Packs commands into one log entry. Used again for each entry, so that nothing is allocated once the buffer has grown.
using RaftLocks.StateMachine.Primitives;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Codec;

/// <summary>Encodes a batch of commands; see <see cref="EntryFormat"/>. A command beyond <see cref="Limits"/> throws
/// and is not added: the entry stays as it was.
/// </summary>
public sealed class EntryWriter
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
        Start(CommandKind.Lock, command.Namespace, command.Session);
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
        Start(CommandKind.Release, command.Namespace, command.Session);
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
        Start(CommandKind.Revoke, command.Namespace, command.Id);
        bytes.Block(command.Reason.Span);
    }

    /// <summary>Adds a downgrade. Feature level 2.</summary>
    public void Add(in DowngradeCommand command)
    {
        WriteGuard.Check(command);
        Start(CommandKind.Downgrade, command.Namespace, command.Id);
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

    private void Start(CommandKind kind)
    {
        if (Count == Limits.MaxCommandsPerEntry)
        {
            throw new InvalidOperationException($"At most {Limits.MaxCommandsPerEntry} commands fit in a log entry.");
        }

        bytes.Byte((byte)kind);
        Count++;
    }

    private void Start(CommandKind kind, ReadOnlyMemory<byte> @namespace, ulong id)
    {
        Start(kind);
        bytes.Block(@namespace.Span);
        bytes.Varint(id);
    }

    private void Start(CommandKind kind, ReadOnlyMemory<byte> @namespace, SessionId session)
    {
        Start(kind);
        bytes.Block(@namespace.Span);
        bytes.UInt128(session.Value);
        bytes.Byte(session.Resumable ? (byte)1 : (byte)0);
    }
}
