// The format of a state in a snapshot, version 1 below feature level 3, version 2 from there on. All integers
// little-endian.
//
// magic "RLSN" | version 4 | applied index 8 | term 8 | clock 8 | feature level 4 | ledger head 32 | ledger position 8
// |
//   digest 16 | namespaces varint | live requests varint |
//   in version 2 a block with tokens and policies (AuthState.cs) |
//   for each namespace in byte order: name block | last id varint | live varint |
// for each live request in id order: id varint | session 16 | resumable 1 | abandon timeout varint | wait limit + 1
// varint |
//       enqueued 8 | acquired 8 (-1: waiting) | body length varint | body (see EntryWriter.cs) |
//       in version 2 the principal as a block
//   CRC-32C 4
//
// Equal states have equal bytes. Queues are not stored: they follow from the order.
namespace RaftLocks.StateMachine.Codec;

internal static class StateFormat
{
    public const uint Magic = 0x4E534C52;

    /// <summary>The newest version, which this build writes from feature level 3 on.</summary>
    public const int Version = 2;

    /// <summary>The oldest version that this build reads.</summary>
    public const int OldestVersion = 1;

    /// <summary>The version of snapshots of a state with this feature level.</summary>
    public static int VersionAt(int featureLevel) => featureLevel < 3 ? OldestVersion : Version;

    /// <summary>Whether snapshots of this version have tokens, policies and principals.</summary>
    public static bool HasAuth(int version) => version > OldestVersion;
}
