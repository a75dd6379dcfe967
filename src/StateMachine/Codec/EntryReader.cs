// Reads a log entry command by command. The whole entry is checked before the first command is applied, so that
// damaged bytes never leave half an entry behind.
using RaftLocks.StateMachine.Primitives;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Codec;

internal ref struct DecodedCommand
{
    public CommandKind Kind;
    public ReadOnlySpan<byte> Principal;
    public ReadOnlySpan<byte> Namespace;
    public SessionId Session;
    public ReadOnlySpan<byte> Channel;
    public long AbandonTimeoutMs;
    public long WaitLimitMs;
    public ReadOnlySpan<byte> Body;
    public ulong Id;
    public ReadOnlySpan<byte> Reason;
    public int Level;
    public ReadOnlySpan<byte> Payload;
}

internal ref struct EntryReader
{
    private ByteReader reader;

    private EntryReader(ReadOnlySpan<byte> commands, int count, long leaderTimeMs)
    {
        reader = new ByteReader(commands);
        Count = count;
        LeaderTimeMs = leaderTimeMs;
    }

    public int Count { get; }

    public long LeaderTimeMs { get; }

    /// <summary>Opens an entry after checking its frame and each of its commands.</summary>
    public static ApplyOutcome Open(ReadOnlySpan<byte> entry, out EntryReader opened)
    {
        opened = default;
        var header = new ByteReader(entry);
        if (!header.TryByte(out var magic) || magic != EntryFormat.Magic || !header.TryByte(out var version))
        {
            return ApplyOutcome.Damaged;
        }

        if (version != EntryFormat.Version)
        {
            return ApplyOutcome.UnknownVersion;
        }

        if (
            !header.TryUInt128(out _)
            || !header.TryInt64(out var leaderTimeMs)
            || !header.TryInt32(out var count)
            || count is < 0 or > Limits.MaxCommandsPerEntry
            || header.Rest.Length < Crc32C.Size
        )
        {
            return ApplyOutcome.Damaged;
        }

        var checksum = entry[^Crc32C.Size..];
        if (System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(checksum) != Crc32C.Of(entry[..^Crc32C.Size]))
        {
            return ApplyOutcome.Damaged;
        }

        opened = new EntryReader(header.Rest[..^Crc32C.Size], count, leaderTimeMs);
        return opened.CheckAll();
    }

    /// <summary>
    /// The next command. Only called as often as <see cref="Count"/> says, after a successful <see cref="Open"/>.
    /// </summary>
    public ApplyOutcome Next(out DecodedCommand command)
    {
        var rest = reader;
        DecodedCommand decoded = default;
        var outcome = Read(ref rest, ref decoded);
        reader = rest;
        command = decoded;
        return outcome;
    }

    /// <summary>The highest feature level that a checked entry raises to, beyond what this build supports.</summary>
    public static int HighestLevel(ReadOnlySpan<byte> entry)
    {
        var rest = new EntryReader(entry[EntryFormat.HeaderBytes..^Crc32C.Size], 0, 0);
        var highest = 0;
        while (!rest.reader.AtEnd && rest.Next(out var command) == ApplyOutcome.Applied)
        {
            highest = command.Kind == CommandKind.RaiseFeatureLevel ? Math.Max(highest, command.Level) : highest;
        }

        return highest;
    }

    /// <summary>Reads a lock's body: channel, label, mark, resources. Shared with the snapshot's format.</summary>
    public static bool TryBody(
        scoped ref ByteReader reader,
        out ReadOnlySpan<byte> body,
        out ReadOnlySpan<byte> channel
    )
    {
        var start = reader.Rest;
        body = default;
        if (
            !reader.TryBlock(Limits.MaxChannelBytes, out channel)
            || !reader.TryBlock(Limits.MaxLabelBytes, out _)
            || !reader.TryBlock(Limits.MaxLabelBytes, out _)
            || !reader.TryVarint(out var resources)
            || resources is 0 or > Limits.MaxResources
        )
        {
            return false;
        }

        for (var i = 0UL; i < resources; i++)
        {
            if (!TryResource(ref reader))
            {
                return false;
            }
        }

        body = start[..^reader.Rest.Length];
        return true;
    }

    private static bool TryResource(scoped ref ByteReader reader)
    {
        if (
            !reader.TryByte(out var access)
            || access is not ((byte)Access.Read or (byte)Access.Write)
            || !reader.TryVarint(out var segments)
            || segments > Limits.MaxPathSegments
        )
        {
            return false;
        }

        for (var i = 0UL; i < segments; i++)
        {
            if (!reader.TryBlock(Limits.MaxSegmentBytes, out _))
            {
                return false;
            }
        }

        return true;
    }

    private ApplyOutcome CheckAll()
    {
        var check = this;
        for (var i = 0; i < Count; i++)
        {
            var outcome = check.Next(out var command);
            if (outcome != ApplyOutcome.Applied)
            {
                return outcome;
            }

            if (command.Kind == CommandKind.RaiseFeatureLevel && command.Level > Versions.SupportedFeatureLevel)
            {
                return ApplyOutcome.AboveFeatureLevel;
            }
        }

        return check.reader.AtEnd ? ApplyOutcome.Applied : ApplyOutcome.Damaged;
    }

    private static ApplyOutcome Read(scoped ref ByteReader reader, scoped ref DecodedCommand command)
    {
        if (!reader.TryByte(out var kind))
        {
            return ApplyOutcome.Damaged;
        }

        command.Kind = (CommandKind)(kind & ~EntryFormat.HasPrincipal);
        if (ReadPrincipal(kind, ref reader, ref command) && ReadCommand(ref reader, ref command))
        {
            return ApplyOutcome.Applied;
        }

        return Enum.IsDefined(command.Kind) ? ApplyOutcome.Damaged : ApplyOutcome.UnknownKind;
    }

    private static bool ReadPrincipal(byte kind, scoped ref ByteReader reader, scoped ref DecodedCommand command) =>
        kind < EntryFormat.HasPrincipal
        || (reader.TryBlock(Limits.MaxPrincipalBytes, out command.Principal) && !command.Principal.IsEmpty);

    private static bool ReadCommand(scoped ref ByteReader reader, scoped ref DecodedCommand command) =>
        command.Kind switch
        {
            CommandKind.Lock => TryLock(ref reader, ref command),
            CommandKind.Release => TrySession(ref reader, ref command)
                && reader.TryBlock(Limits.MaxChannelBytes, out command.Channel),
            CommandKind.Abandon or CommandKind.Timeout or CommandKind.Downgrade => TryId(ref reader, ref command),
            CommandKind.Revoke => TryId(ref reader, ref command)
                && reader.TryBlock(Limits.MaxReasonBytes, out command.Reason),
            CommandKind.RaiseFeatureLevel => TryLevel(ref reader, ref command),
            _ => TryAuth(ref reader, ref command),
        };

    private static bool TryAuth(scoped ref ByteReader reader, scoped ref DecodedCommand command)
    {
        var start = reader.Rest;
        if (!AuthPayload.TryRead(command.Kind, ref reader, out _))
        {
            return false;
        }

        command.Payload = start[..^reader.Rest.Length];
        return true;
    }

    private static bool TryLock(scoped ref ByteReader reader, scoped ref DecodedCommand command)
    {
        if (
            !TrySession(ref reader, ref command)
            || !reader.TryVarintInt64(out command.AbandonTimeoutMs)
            || !reader.TryVarintInt64(out var waitLimit)
        )
        {
            return false;
        }

        command.WaitLimitMs = waitLimit - 1;
        return TryBody(ref reader, out command.Body, out command.Channel);
    }

    private static bool TryNamespace(scoped ref ByteReader reader, scoped ref DecodedCommand command) =>
        reader.TryBlock(Limits.MaxNamespaceBytes, out command.Namespace);

    private static bool TryId(scoped ref ByteReader reader, scoped ref DecodedCommand command) =>
        TryNamespace(ref reader, ref command) && reader.TryVarint(out command.Id);

    private static bool TrySession(scoped ref ByteReader reader, scoped ref DecodedCommand command)
    {
        if (
            !TryNamespace(ref reader, ref command)
            || !reader.TryUInt128(out var value)
            || !reader.TryByte(out var resumable)
            || resumable > 1
        )
        {
            return false;
        }

        command.Session = new SessionId(value, resumable == 1);
        return true;
    }

    private static bool TryLevel(scoped ref ByteReader reader, scoped ref DecodedCommand command)
    {
        var there = reader.TryVarint(out var level) && level <= int.MaxValue;
        command.Level = there ? (int)level : 0;
        return there;
    }
}
