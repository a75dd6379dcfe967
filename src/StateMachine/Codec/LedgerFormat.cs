// The format of a record of the ledger, version 1. All integers little-endian.
//
//   version 1 | Raft index 8 | replicated clock 8 | number of events varint | events …
//
// An event: kind 1 | namespace block | id varint, and where a request begins (Enqueued, or Acquired at once):
// session 16 | resumable 1 | abandon timeout varint | wait limit + 1 varint | body (see EntryFormat). A flag in the
// kind's top bit says that the request begins here. A Revoked event has its reason as a block behind the id. From
// feature level 3 on, a flag in the next bit says that a principal stands behind the namespace, as a block: who caused
// the event. Events about tokens and policies have an empty namespace, and behind it a block: the key, the token
// (AccessToken.cs), the policy (Policy.cs), or the name of what was deleted.
//
// State/Ledger.cs writes it, LedgerReader reads it, and src/Ledger/Proof checks it: a new kind of event must be known
// to all three.
namespace RaftLocks.StateMachine.Codec;

internal static class LedgerFormat
{
    /// <summary>The version that this build writes and reads.</summary>
    public const byte Version = 1;

    /// <summary>The flag in an event's kind that says that the request begins here.</summary>
    public const byte Begins = 0x80;

    /// <summary>The flag in an event's kind that says that a principal follows the namespace.</summary>
    public const byte HasPrincipal = 0x40;
}
