// Reads a snapshot (StateFormat.cs) request by request, without building a state machine of it.
using RaftLocks.StateMachine;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Primitives;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Ledger;

/// <summary>A live request as a snapshot has it.</summary>
public ref struct SnapshotRequest
{
    /// <summary>Its number in the namespace.</summary>
    public ulong Id { get; internal set; }

    /// <summary>The session of the request.</summary>
    public SessionId Session { get; internal set; }

    /// <summary>How long it outlives its connection, ms.</summary>
    public long AbandonTimeoutMs { get; internal set; }

    /// <summary>How long it may wait, ms; -1 for ever.</summary>
    public long WaitLimitMs { get; internal set; }

    /// <summary>The replicated clock when it began, ms since 1970.</summary>
    public long EnqueuedAtMs { get; internal set; }

    /// <summary>The replicated clock when it was acquired, ms since 1970; -1 while it waits.</summary>
    public long AcquiredAtMs { get; internal set; }

    /// <summary>The body of the request; see <see cref="LockBody"/>.</summary>
    public ReadOnlySpan<byte> Body { get; internal set; }

    /// <summary>Who asked for it, UTF-8; empty where nobody was authenticated.</summary>
    public ReadOnlySpan<byte> Principal { get; internal set; }
}

/// <summary>Walks through a snapshot: its head, then each namespace, then each of its live requests.</summary>
public ref struct SnapshotReader
{
    private ByteReader reader;
    private bool hasAuth;

    /// <summary>Raft index of the last entry applied.</summary>
    public long Index { get; private set; }

    /// <summary>The replicated clock, ms since 1970.</summary>
    public long ClockMs { get; private set; }

    /// <summary>Commands above it were not proposed.</summary>
    public int FeatureLevel { get; private set; }

    /// <summary>The head of the ledger.</summary>
    public LedgerHead Ledger { get; private set; }

    /// <summary>Namespaces that are not read yet.</summary>
    public ulong Namespaces { get; private set; }

    /// <summary>Live requests in all namespaces.</summary>
    public ulong Live { get; private set; }

    /// <summary>The tokens and policies; known when the whole snapshot was opened.</summary>
    public AuthState Auth { get; private set; }

    /// <summary>Whether all was read.</summary>
    public readonly bool AtEnd => reader.AtEnd;

    /// <summary>Opens a whole snapshot; null, or what is wrong with it.</summary>
    public static string? Open(ReadOnlySpan<byte> snapshot, out SnapshotReader opened)
    {
        opened = default;
        var end = snapshot.Length - Crc32C.Size;
        return
            end < 0
            || Crc32C.Of(snapshot[..end])
                != System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(snapshot[end..])
            ? "the snapshot's checksum does not match"
            : OpenHead(snapshot[..end], out opened) ?? opened.ReadAuth();
    }

    /// <summary>Opens the beginning of a snapshot, to look at its head only; null, or what is wrong with it.</summary>
    public static string? OpenHead(ReadOnlySpan<byte> snapshot, out SnapshotReader opened)
    {
        opened = default;
        var bytes = new ByteReader(snapshot);
        if (
            !bytes.TryInt32(out var magic)
            || (uint)magic != StateFormat.Magic
            || !bytes.TryInt32(out var version)
            || version is < StateFormat.OldestVersion or > StateFormat.Version
        )
        {
            return $"this build reads snapshots of version {StateFormat.Version} and before, this is none";
        }

        if (
            !bytes.TryInt64(out var index)
            || !bytes.TryInt64(out _)
            || !bytes.TryInt64(out var clockMs)
            || !bytes.TryInt32(out var level)
            || !bytes.TryRaw(LedgerHash.Size, out var head)
            || !bytes.TryInt64(out var position)
            || !bytes.TryUInt128(out _)
            || !bytes.TryVarint(out var namespaces)
            || !bytes.TryVarint(out var live)
        )
        {
            return "the snapshot is not whole";
        }

        opened = new SnapshotReader
        {
            reader = bytes,
            hasAuth = StateFormat.HasAuth(version),
            Auth = AuthState.Off,
            Index = index,
            ClockMs = clockMs,
            FeatureLevel = level,
            Ledger = new LedgerHead(LedgerHash.From(head), position),
            Namespaces = namespaces,
            Live = live,
        };
        return null;
    }

    /// <summary>
    /// Goes to the next namespace; false if these bytes are none. To be called while <see cref="Namespaces"/> is not 0.
    /// </summary>
    /// <param name="name">Its name, UTF-8.</param>
    /// <param name="lastId">The last id given in it.</param>
    /// <param name="requests">How many live requests follow.</param>
    public bool TryNamespace(out ReadOnlySpan<byte> name, out ulong lastId, out ulong requests)
    {
        (lastId, requests) = (0, 0);
        if (Namespaces == 0 || !reader.TryBlock(Limits.MaxNamespaceBytes, out name))
        {
            name = default;
            return false;
        }

        Namespaces--;
        return reader.TryVarint(out lastId) && reader.TryVarint(out requests);
    }

    /// <summary>Reads the next request of the namespace; false if these bytes are none.</summary>
    public bool TryRequest(out SnapshotRequest request)
    {
        request = default;
        if (
            !reader.TryVarint(out var id)
            || !reader.TryUInt128(out var session)
            || !reader.TryByte(out var resumable)
            || resumable > 1
            || !reader.TryVarintInt64(out var abandonTimeoutMs)
            || !reader.TryVarintInt64(out var waitLimit)
            || !reader.TryInt64(out var enqueuedAtMs)
            || !reader.TryInt64(out var acquiredAtMs)
            || !reader.TryBlock(int.MaxValue, out var body)
            || !TryPrincipal(out var principal)
        )
        {
            return false;
        }

        request.Id = id;
        request.Session = new SessionId(session, resumable == 1);
        request.AbandonTimeoutMs = abandonTimeoutMs;
        request.WaitLimitMs = waitLimit - 1;
        request.EnqueuedAtMs = enqueuedAtMs;
        request.AcquiredAtMs = acquiredAtMs;
        request.Body = body;
        request.Principal = principal;
        return true;
    }

    private bool TryPrincipal(out ReadOnlySpan<byte> principal)
    {
        principal = default;
        return !hasAuth || reader.TryBlock(Limits.MaxPrincipalBytes, out principal);
    }

    private string? ReadAuth()
    {
        if (!hasAuth)
        {
            return null;
        }

        if (!reader.TryBlock(Limits.MaxAuthBytes, out var bytes) || AuthState.Parse(bytes) is not { } auth)
        {
            return "the snapshot's tokens and policies are not as they should be";
        }

        Auth = auth;
        return null;
    }
}
