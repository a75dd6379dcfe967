// The first bytes of a snapshot; the format stands in StateFormat.cs.
using RaftLocks.StateMachine.Primitives;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Codec;

/// <summary>All of the state that is neither a namespace nor a live request.</summary>
internal readonly record struct SnapshotHead(
    int Version,
    long Index,
    long Term,
    long ClockMs,
    int FeatureLevel,
    LedgerHead Ledger,
    UInt128 Digest,
    ulong Namespaces,
    ulong Live
)
{
    /// <summary>Longest, with all varints at their longest.</summary>
    public const int MaxBytes = 4 + 4 + 8 + 8 + 8 + 4 + LedgerHash.Size + 8 + 16 + 10 + 10;

    /// <summary>Reads what stands before everything else: what the bytes are, and how they are written.</summary>
    /// <returns>What is wrong, or null.</returns>
    public static string? CheckVersion(ByteReader reader) =>
        !reader.TryInt32(out var magic) || (uint)magic != StateFormat.Magic || !reader.TryInt32(out var version)
            ? "it does not begin like a snapshot"
        : version is < StateFormat.OldestVersion or > StateFormat.Version
            ? $"it has format version {version}, this build reads version {StateFormat.Version} and before"
        : null;

    /// <summary>Reads the head from its beginning; its version was checked.</summary>
    public static bool TryRead(ref ByteReader reader, out SnapshotHead head)
    {
        head = default;
        if (
            !reader.TryInt32(out _)
            || !reader.TryInt32(out var version)
            || !reader.TryInt64(out var index)
            || !reader.TryInt64(out var term)
            || !reader.TryInt64(out var clockMs)
            || !reader.TryInt32(out var featureLevel)
            || !reader.TryRaw(LedgerHash.Size, out var ledger)
            || !reader.TryInt64(out var position)
            || !reader.TryUInt128(out var digest)
            || !reader.TryVarint(out var namespaces)
            || !reader.TryVarint(out var live)
        )
        {
            return false;
        }

        head = new SnapshotHead(
            version,
            index,
            term,
            clockMs,
            featureLevel,
            new LedgerHead(LedgerHash.From(ledger), position),
            digest,
            namespaces,
            live
        );
        return true;
    }
}
