// Who is one party before the proposer: the connections of a principal, wherever they lock. Where nobody is
// authenticated it is the connections in a namespace: there nobody can say more about whose they are.
using System.Collections.Concurrent;
using RaftLocks.Node.Raft;

namespace RaftLocks.Node.Sessions;

/// <summary>The principals of one leadership. There are as many as have connected.</summary>
internal sealed class Principals
{
    private readonly ConcurrentDictionary<ReadOnlyMemory<byte>, ProposalParty> parties = new(Utf8Comparer.Instance);

    /// <summary>The party of a connection.</summary>
    /// <param name="name">The principal's name, UTF-8; empty where nobody was authenticated.</param>
    /// <param name="use">Where it locks.</param>
    public ProposalParty PartyOf(ReadOnlyMemory<byte> name, NamespaceUse use) =>
        name.IsEmpty ? use.Party : parties.GetOrAdd(name, static _ => new ProposalParty());
}
