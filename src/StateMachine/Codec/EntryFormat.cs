// The format of a log entry, version 1. All integers little-endian.
//
//   magic 0xB7 | version 1 | batch id 16 | leader's time 8 (ms since 1970) | count 4 | commands … | CRC-32C 4
//
// Each command: kind 1, then
// Lock namespace block | session 16 | resumable 1 | abandon timeout varint | wait limit + 1 varint | body
//   Release           namespace block | session 16 | resumable 1 | channel block
//   Abandon           namespace block | id varint
//   RaiseFeatureLevel level varint
// and from feature level 2 on
//   Timeout           namespace block | id varint
//   Revoke            namespace block | id varint | reason block
//   Downgrade         namespace block | id varint
// A lock's body: channel block | label block | mark block | resources (ResourceSet). A block is a varint length and as
// many bytes.
using RaftLocks.StateMachine.Primitives;

namespace RaftLocks.StateMachine.Codec;

/// <summary>What can be told of an entry without applying it.</summary>
public static class EntryFormat
{
    /// <summary>The version that this build writes.</summary>
    public const byte Version = 1;

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
}
