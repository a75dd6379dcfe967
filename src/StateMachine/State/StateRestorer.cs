// Restores a state machine from a snapshot that comes in parts, so that the snapshot and the state need not be in
// memory at the same time. It reads item by item: the head, then each namespace followed by its requests. What is left
// of a part is kept until the next.
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Primitives;
using RaftLocks.StateMachine.Queues;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.State;

/// <summary>Restores a state from a snapshot whose bytes were checked: see <see cref="SnapshotCheck"/>.</summary>
/// <param name="hashSeed">The seed of the hash tables in memory.</param>
/// <param name="raiseIds">What is added to each namespace's counter. Only where a new cluster is made of a backup: see
/// <see cref="LockStateMachine.TryAddNamespace"/>.</param>
public sealed class StateRestorer(uint hashSeed, ulong raiseIds = 0)
{
    // More than the node allows any client. It bounds what is read before anything is trusted.
    private const int MaxItemBytes = 64 << 20;

    private readonly LockStateMachine machine = new(hashSeed);
    private readonly ByteWriter rest = new(1 << 16);
    private SnapshotHead? head;
    private bool hasReadAuth;
    private ulong namespacesRead;
    private byte[] space = [];
    private NamespaceState? owner;
    private UInt128 nameHash;
    private ulong requestsLeft;
    private ulong lastRequest;

    private enum Item
    {
        Read,
        NotWhole,
        Wrong,
    }

    /// <summary>Reads the next part.</summary>
    /// <returns>What is wrong, for people, or null so far.</returns>
    public string? Append(ReadOnlySpan<byte> part)
    {
        rest.Raw(part);
        var reader = new ByteReader(rest.Written);
        while (!IsComplete)
        {
            var item = ReadItem(ref reader, out var error);
            if (item == Item.Wrong)
            {
                return error;
            }

            if (item == Item.NotWhole)
            {
                break;
            }
        }

        rest.Keep(reader.Rest.Length);
        return rest.Length > MaxItemBytes ? "a request is not whole" : null;
    }

    /// <summary>The last part has been taken.</summary>
    /// <param name="restored">The machine; null if something is wrong.</param>
    /// <returns>What is wrong, for people, or null.</returns>
    public string? Complete(out LockStateMachine? restored)
    {
        restored = null;
        if (head is not { } read)
        {
            return "its header is not whole";
        }

        if (!IsComplete || rest.Length != Crc32C.Size || (ulong)machine.LiveCount != read.Live)
        {
            return "it does not end where it should";
        }

        if (machine.Digest != read.Digest)
        {
            return "the state it holds does not have the digest it says";
        }

        // The digest was that of the counters as they were saved.
        machine.CompleteRaise();
        restored = machine;
        return null;
    }

    private bool IsComplete =>
        head is { } read && hasReadAuth && namespacesRead == read.Namespaces && requestsLeft == 0;

    private Item ReadItem(scoped ref ByteReader reader, out string? error) =>
        head is null ? ReadHead(ref reader, out error)
        : !hasReadAuth ? ReadAuth(ref reader, out error)
        : requestsLeft == 0 ? ReadNamespace(ref reader, out error)
        : ReadRequest(ref reader, out error);

    private Item ReadHead(scoped ref ByteReader reader, out string? error)
    {
        error = null;
        var ahead = reader;
        if (ahead.Rest.Length < 8)
        {
            return Item.NotWhole;
        }

        error = SnapshotHead.CheckVersion(ahead);
        if (error is not null)
        {
            return Item.Wrong;
        }

        if (!SnapshotHead.TryRead(ref ahead, out var read))
        {
            return Item.NotWhole;
        }

        reader = ahead;
        head = read;
        hasReadAuth = !StateFormat.HasAuth(read.Version);
        machine.RestoreHead(read);
        return Item.Read;
    }

    private Item ReadAuth(scoped ref ByteReader reader, out string? error)
    {
        error = null;
        var ahead = reader;
        if (!ahead.TryVarint(out var length))
        {
            return Item.NotWhole;
        }

        if (length > Limits.MaxAuthBytes)
        {
            error = "its tokens and policies are not as they should be";
            return Item.Wrong;
        }

        if (!ahead.TryRaw((int)length, out var bytes))
        {
            return Item.NotWhole;
        }

        if (AuthState.Parse(bytes) is not { } auth)
        {
            error = "its tokens and policies are not as they should be";
            return Item.Wrong;
        }

        reader = ahead;
        hasReadAuth = true;
        machine.RestoreAuth(auth);
        return Item.Read;
    }

    private Item ReadNamespace(scoped ref ByteReader reader, out string? error)
    {
        error = null;
        var ahead = reader;
        if (
            !ahead.TryBlock(Limits.MaxNamespaceBytes, out var name)
            || !ahead.TryVarint(out var lastId)
            || !ahead.TryVarint(out var count)
        )
        {
            return Item.NotWhole;
        }

        if (namespacesRead > 0 && space.AsSpan().SequenceCompareTo(name) >= 0)
        {
            error = "its namespaces are not in byte order";
            return Item.Wrong;
        }

        if (lastId == 0)
        {
            error = "a namespace has given no number yet";
            return Item.Wrong;
        }

        if (lastId > ulong.MaxValue - raiseIds)
        {
            error = "its numbers can't be raised so far";
            return Item.Wrong;
        }

        reader = ahead;
        namespacesRead++;
        space = name.ToArray();
        owner = machine.RestoreNamespace(name, lastId, lastId + raiseIds, count > 0);
        nameHash = NamespaceState.NameHashOf(name);
        requestsLeft = count;
        lastRequest = 0;
        return Item.Read;
    }

    private Item ReadRequest(scoped ref ByteReader reader, out string? error)
    {
        error = null;
        var ahead = reader;
        if (
            !ahead.TryVarint(out var id)
            || !ahead.TryUInt128(out var session)
            || !ahead.TryByte(out var resumable)
            || !ahead.TryVarintInt64(out var abandonTimeoutMs)
            || !ahead.TryVarintInt64(out var waitLimit)
            || !ahead.TryInt64(out var enqueuedAtMs)
            || !ahead.TryInt64(out var acquiredAtMs)
            || !ahead.TryBlock(int.MaxValue, out var body)
            || !TryPrincipal(ref ahead, out var principal)
        )
        {
            return Item.NotWhole;
        }

        var bodyReader = new ByteReader(body);
        var fits =
            id > lastRequest
            && id <= owner!.LastId
            && resumable <= 1
            && acquiredAtMs >= -1
            && EntryReader.TryBody(ref bodyReader, out _, out _)
            && bodyReader.AtEnd
            && machine.TryRestoreRequest(
                new LockRequest(
                    owner,
                    id,
                    new SessionId(session, resumable == 1),
                    abandonTimeoutMs,
                    waitLimit - 1,
                    enqueuedAtMs,
                    body.ToArray(),
                    nameHash,
                    machine.Auth.Shared(principal)
                ),
                acquiredAtMs
            );
        if (!fits)
        {
            error = "a request is not whole, or does not fit what was before it";
            return Item.Wrong;
        }

        reader = ahead;
        requestsLeft--;
        lastRequest = id;
        return Item.Read;
    }

    private bool TryPrincipal(scoped ref ByteReader reader, out ReadOnlySpan<byte> principal)
    {
        principal = default;
        return !StateFormat.HasAuth(head!.Value.Version) || reader.TryBlock(Limits.MaxPrincipalBytes, out principal);
    }
}
