// Reads a record of the ledger (LedgerFormat), to prove a history or to show it. Nothing throws: each read says whether
// the bytes were there and made sense.
using RaftLocks.StateMachine.Primitives;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Codec;

/// <summary>One event of a record.</summary>
public ref struct LedgerEvent
{
    /// <summary>The kind of the event.</summary>
    public EventKind Kind { get; internal set; }

    /// <summary>Whether the request begins here; only then the record tells what it asks for.</summary>
    public bool Begins { get; internal set; }

    /// <summary>Name of the namespace, UTF-8.</summary>
    public ReadOnlySpan<byte> Namespace { get; internal set; }

    /// <summary>The request's number in it; 0 where none is concerned.</summary>
    public ulong Id { get; internal set; }

    /// <summary>The session whose request begins.</summary>
    public SessionId Session { get; internal set; }

    /// <summary>The beginning request's abandon timeout, ms.</summary>
    public long AbandonTimeoutMs { get; internal set; }

    /// <summary>The beginning request's wait limit, ms; -1 for none.</summary>
    public long WaitLimitMs { get; internal set; }

    /// <summary>
    /// The body of the request that begins, as it stands in the log entry; see <see cref="LockBody"/>.
    /// </summary>
    public ReadOnlySpan<byte> Body { get; internal set; }

    /// <summary>Why the request was revoked, UTF-8; empty where it was not, or nobody said.</summary>
    public ReadOnlySpan<byte> Reason { get; internal set; }

    /// <summary>The new feature level, where one was raised.</summary>
    public int Level { get; internal set; }

    /// <summary>
    /// Who caused the event, UTF-8; empty where nobody was authenticated, or the leader did by itself.
    /// </summary>
    public ReadOnlySpan<byte> Principal { get; internal set; }

    /// <summary>What an event about tokens or policies is about; see <see cref="LedgerFormat"/>.</summary>
    public ReadOnlySpan<byte> Payload { get; internal set; }

    /// <summary>Whether a request is concerned.</summary>
    public readonly bool HasRequest => Kind.HasRequest();
}

/// <summary>Walks through the events of a record.</summary>
public ref struct LedgerReader
{
    private ByteReader reader;

    /// <summary>Raft index of the entry.</summary>
    public long Index { get; private set; }

    /// <summary>The replicated clock after it, ms since 1970.</summary>
    public long ClockMs { get; private set; }

    /// <summary>Events that are not read yet.</summary>
    public ulong Left { get; private set; }

    /// <summary>Opens a record; null, or what is wrong with it.</summary>
    public static string? Open(ReadOnlySpan<byte> record, out LedgerReader opened)
    {
        opened = default;
        var bytes = new ByteReader(record);
        if (!bytes.TryByte(out var version) || version != LedgerFormat.Version)
        {
            return $"the record has version {version}, this build reads version {LedgerFormat.Version}";
        }

        if (
            !bytes.TryInt64(out var index)
            || !bytes.TryInt64(out var clockMs)
            || !bytes.TryVarint(out var count)
            || (count == 0 && !bytes.AtEnd)
        )
        {
            return "the record is not whole";
        }

        opened = new LedgerReader
        {
            reader = bytes,
            Index = index,
            ClockMs = clockMs,
            Left = count,
        };
        return null;
    }

    /// <summary>Says what a whole record of a newer version needs; null for any other record.</summary>
    public static string? NeedsNewer(ReadOnlySpan<byte> record)
    {
        if (!record.IsEmpty && record[0] > LedgerFormat.Version)
        {
            return $"a record has version {record[0]}, this build reads version {LedgerFormat.Version}";
        }

        if (Open(record, out var events) is not null)
        {
            return null;
        }

        while (events.Left > 0)
        {
            if (events.Next(out var happened) is not null)
            {
                return Enum.IsDefined(happened.Kind)
                    ? null
                    : $"a record has an event of the unknown kind {(byte)happened.Kind}";
            }
        }

        return null;
    }

    /// <summary>Reads the next event; null, or what is wrong. To be called while <see cref="Left"/> is not 0.</summary>
    public string? Next(out LedgerEvent happened)
    {
        var rest = reader;
        LedgerEvent read = default;
        var wrong = Left == 0 ? "there is no more event" : Read(ref rest, ref read);
        happened = read;
        if (wrong is not null)
        {
            return wrong;
        }

        reader = rest;
        Left--;
        return Left == 0 && !rest.AtEnd ? "there is more after the last event" : null;
    }

    private static string? Read(scoped ref ByteReader rest, scoped ref LedgerEvent happened)
    {
        if (!rest.TryByte(out var kind) || !rest.TryBlock(Limits.MaxNamespaceBytes, out var space))
        {
            return "an event is not whole";
        }

        happened.Kind = (EventKind)(kind & ~(LedgerFormat.Begins | LedgerFormat.HasPrincipal));
        happened.Begins = (kind & LedgerFormat.Begins) != 0;
        happened.Namespace = space;
        if (!Enum.IsDefined(happened.Kind) || happened.Kind == EventKind.Rejected)
        {
            return $"an event has the unknown kind {kind}: it was written by a newer version of RaftLocks";
        }

        var isWhole =
            ((kind & LedgerFormat.HasPrincipal) == 0 || TryPrincipal(ref rest, ref happened))
            && (
                happened.HasRequest ? TryRequest(ref rest, ref happened)
                : happened.Kind.IsAuth() ? TryPayload(ref rest, ref happened)
                : TryLevel(ref rest, ref happened)
            );
        return isWhole ? null : "an event is not whole";
    }

    private static bool TryPrincipal(scoped ref ByteReader rest, scoped ref LedgerEvent happened)
    {
        var there = rest.TryBlock(Limits.MaxPrincipalBytes, out var principal) && !principal.IsEmpty;
        happened.Principal = principal;
        return there;
    }

    private static bool TryPayload(scoped ref ByteReader rest, scoped ref LedgerEvent happened)
    {
        var there = rest.TryBlock(Limits.MaxAuthItemBytes, out var payload) && happened.Namespace.IsEmpty;
        happened.Payload = payload;
        return there;
    }

    private static bool TryRequest(scoped ref ByteReader rest, scoped ref LedgerEvent happened)
    {
        if (!rest.TryVarint(out var id))
        {
            return false;
        }

        happened.Id = id;
        if (!happened.Begins)
        {
            return happened.Kind != EventKind.Revoked || TryReason(ref rest, ref happened);
        }

        if (
            !rest.TryUInt128(out var session)
            || !rest.TryByte(out var resumable)
            || resumable > 1
            || !rest.TryVarintInt64(out var abandonTimeoutMs)
            || !rest.TryVarintInt64(out var waitLimit)
            || !EntryReader.TryBody(ref rest, out var body, out _)
        )
        {
            return false;
        }

        happened.Session = new SessionId(session, resumable == 1);
        happened.AbandonTimeoutMs = abandonTimeoutMs;
        happened.WaitLimitMs = waitLimit - 1;
        happened.Body = body;
        return true;
    }

    private static bool TryReason(scoped ref ByteReader rest, scoped ref LedgerEvent happened)
    {
        var there = rest.TryBlock(Limits.MaxReasonBytes, out var reason);
        happened.Reason = reason;
        return there;
    }

    private static bool TryLevel(scoped ref ByteReader rest, scoped ref LedgerEvent happened)
    {
        var there = rest.TryVarint(out var level) && level <= int.MaxValue;
        happened.Level = there ? (int)level : 0;
        return there && happened.Namespace.IsEmpty;
    }
}
