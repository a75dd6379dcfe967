// The format of a state in a snapshot, version 1. All integers little-endian.
//
// magic "RLSN" | version 4 | applied index 8 | term 8 | clock 8 | feature level 4 | ledger head 32 | ledger position 8
// |
//   digest 16 | namespaces varint | live requests varint |
//   for each namespace in byte order: name block | last id varint | live varint |
// for each live request in id order: id varint | session 16 | resumable 1 | abandon timeout varint | wait limit + 1
// varint |
//       enqueued 8 | acquired 8 (-1: waiting) | body length varint | body (see EntryWriter.cs)
//   CRC-32C 4
//
// Equal states have equal bytes. Queues are not stored: they follow from the order.
namespace RaftLocks.StateMachine.Codec;

internal static class StateFormat
{
    public const uint Magic = 0x4E534C52;

    /// <summary>The version that this build writes and reads.</summary>
    public const int Version = 1;
}
