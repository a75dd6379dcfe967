// Freezing and restoring. A restored machine enqueues all live requests again, in id order: what is granted is derived, and must agree
// with what the snapshot says was granted; and the digest of the result must be the one that was frozen.
namespace RaftLocks.StateMachine;

public sealed partial class LockStateMachine
{
    private const string Damaged = "its checksum does not match: the file is damaged or was not written to its end";

    /// <summary>A consistent copy of the state: about a millisecond for each hundred thousand live requests.</summary>
    public FrozenState Freeze()
    {
        return new FrozenState(live.Requests.ToArray(), live.GrantedAtMs.ToArray(), namespaces.ToArray())
        {
            Index = AppliedIndex,
            Term = AppliedTerm,
            ClockMs = ClockMs,
            FeatureLevel = FeatureLevel,
            Ledger = ledger.Head,
            Digest = Digest,
        };
    }

    /// <summary>Makes the machine that a snapshot was taken of.</summary>
    /// <param name="snapshot">What <see cref="FrozenState.WriteTo"/> wrote.</param>
    /// <param name="hashSeed">See the constructor.</param>
    /// <param name="error">Why not, for people; null on success.</param>
    /// <returns>The machine, or null.</returns>
    public static LockStateMachine? TryRestore(ReadOnlySpan<byte> snapshot, uint hashSeed, out string? error)
    {
        var reader = new ByteReader(snapshot);
        if (!reader.TryInt32(out var magic) || (uint)magic != FrozenState.Magic || !reader.TryInt32(out var version))
        {
            error = "it does not begin like a snapshot";
            return null;
        }

        if (version != FrozenState.Version)
        {
            error = $"it has format version {version}, this build reads version {FrozenState.Version}";
            return null;
        }

        var checksumAt = snapshot.Length - EntryFormat.ChecksumBytes;
        if (checksumAt < 8 || Crc32C.Of(snapshot[..checksumAt])
            != System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(snapshot[checksumAt..]))
        {
            error = Damaged;
            return null;
        }

        var machine = new LockStateMachine(hashSeed);
        error = machine.Restore(new ByteReader(snapshot[8..checksumAt]));
        return error is null ? machine : null;
    }

    private string? Restore(ByteReader reader)
    {
        if (!reader.TryInt64(out var index) || !reader.TryInt64(out var term) || !reader.TryInt64(out var clockMs)
            || !reader.TryInt32(out var featureLevel) || !reader.TryRaw(LedgerHash.Size, out var head)
            || !reader.TryInt64(out var position) || !reader.TryUInt128(out var digest)
            || !reader.TryVarint(out var namespaceCount) || !reader.TryVarint(out var liveCount))
        {
            return "its header is not whole";
        }

        if (featureLevel > SupportedFeatureLevel)
        {
            return $"it has feature level {featureLevel}, this build supports {SupportedFeatureLevel}";
        }

        (AppliedIndex, AppliedTerm, ClockMs, FeatureLevel) = (index, term, clockMs, featureLevel);
        ledger.Restore(new LedgerHead(LedgerHash.From(head), position));
        ReadOnlySpan<byte> before = default;
        for (var i = 0UL; i < namespaceCount; i++)
        {
            if (!reader.TryBlock(Limits.MaxNamespaceBytes, out var name) || (i > 0 && before.SequenceCompareTo(name) >= 0))
            {
                return "its namespaces are not whole, or not in byte order";
            }

            if (RestoreNamespace(ref reader, name) is { } error)
            {
                return error;
            }

            before = name;
        }

        if (!reader.AtEnd || (ulong)live.Count != liveCount)
        {
            return "it does not end where it should";
        }

        return Digest == digest ? null : "the state it holds does not have the digest it says";
    }

    private string? RestoreNamespace(scoped ref ByteReader reader, ReadOnlySpan<byte> name)
    {
        if (!reader.TryVarint(out var lastId) || !reader.TryVarint(out var count) || lastId == 0)
        {
            return "a namespace is not whole";
        }

        var nameHash = NamespaceState.NameHashOf(name);
        sum += NamespaceState.DigestPartOf(nameHash, lastId);
        if (count == 0)
        {
            namespaces.AddEmpty(name.ToArray(), lastId);
            return null;
        }

        var owner = namespaces.GetOrAdd(name);
        owner.LastId = lastId;
        var before = 0UL;
        for (var i = 0UL; i < count; i++)
        {
            if (!TryRestoreRequest(ref reader, owner, nameHash, before, out before))
            {
                return "a request is not whole, or does not fit what was before it";
            }
        }

        return before <= lastId ? null : "a request has a number that was not yet given";
    }

    private bool TryRestoreRequest(scoped ref ByteReader reader, NamespaceState owner, UInt128 nameHash, ulong before, out ulong id)
    {
        var rest = reader;
        if (!rest.TryVarint(out id) || id <= before || !rest.TryUInt128(out var session) || !rest.TryByte(out var resumable) || resumable > 1
            || !rest.TryVarintInt64(out var abandonTimeoutMs) || !rest.TryVarintInt64(out var waitLimit)
            || !rest.TryInt64(out var enqueuedAtMs) || !rest.TryInt64(out var grantedAtMs) || grantedAtMs < -1
            || !rest.TryBlock(int.MaxValue, out var body))
        {
            return false;
        }

        reader = rest;
        var bodyReader = new ByteReader(body);
        if (!EntryReader.TryBody(ref bodyReader, out _, out _) || !bodyReader.AtEnd)
        {
            return false;
        }

        var request = new LockRequest(
            owner, id, new SessionId(session, resumable == 1), abandonTimeoutMs, waitLimit - 1, enqueuedAtMs, body.ToArray(),
            nameHash);
        if (live.Find(owner, request.Session, request.ChannelBytes) is not null)
        {
            return false;
        }

        live.Add(request);
        if (tree.Enqueue(request) != grantedAtMs >= 0)
        {
            return false;
        }

        if (grantedAtMs >= 0)
        {
            live.MarkGranted(request, grantedAtMs);
        }

        sum += request.DigestPart;
        return true;
    }
}
