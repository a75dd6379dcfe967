// Who is one party before the proposer: the connections of a principal, wherever they lock. Where nobody is
// authenticated it is the connections in a namespace: there nobody can say more about whose they are.
using System.Collections.Concurrent;
using RaftLocks.Node.Raft;

namespace RaftLocks.Node.Sessions;

/// <summary>The principals of one leadership.</summary>
/// <param name="most">How many are remembered.</param>
internal sealed class Principals(int most)
{
    private readonly ConcurrentDictionary<ReadOnlyMemory<byte>, ProposalParty> parties = new(Utf8Comparer.Instance);

    /// <summary>The party of a connection.</summary>
    /// <param name="name">The principal's name, UTF-8; empty where nobody was authenticated.</param>
    /// <param name="use">Where it locks.</param>
    public ProposalParty PartyOf(ReadOnlyMemory<byte> name, NamespaceUse use)
    {
        if (name.IsEmpty)
        {
            return use.Party;
        }

        if (parties.TryGetValue(name, out var known))
        {
            return known;
        }

        // An issuer of JWTs may make a new name for each job. Connections that are open keep the party that they have.
        if (parties.Count >= most)
        {
            parties.Clear();
        }

        return parties.GetOrAdd(name, static _ => new ProposalParty());
    }
}
