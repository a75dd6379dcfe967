// How much of what all readers share one of them may take: so no one reader shuts out the others. A reader is a
// principal, or, where nobody is authenticated, an address.
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;

namespace RaftLocks.Node.Auth;

/// <summary>Whether a reader may have one more under way.</summary>
internal enum ReaderEntry
{
    /// <summary>It may; it is counted.</summary>
    Admitted,

    /// <summary>It has too many already.</summary>
    ReaderHasTooMany,

    /// <summary>All readers together have too many already.</summary>
    AllHaveTooMany,
}

/// <summary>Counts what readers have under way.</summary>
/// <param name="inAll">As many of all readers together.</param>
/// <param name="each">As many of one.</param>
internal sealed class ReaderLimit(int inAll, int each)
{
    private readonly OrderedLock gate = new(LockRank.Leaf);
    private readonly Dictionary<string, int> readers = [];
    private int count;

    /// <summary>How many are under way.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>How many may be.</summary>
    public int Most => inAll;

    /// <summary>Counts one more of a reader's, if there may be.</summary>
    public ReaderEntry Enter(string reader)
    {
        using (gate.Enter())
        {
            var has = readers.GetValueOrDefault(reader);
            if (has >= each || count >= inAll)
            {
                return has >= each ? ReaderEntry.ReaderHasTooMany : ReaderEntry.AllHaveTooMany;
            }

            readers[reader] = has + 1;
            count++;
            return ReaderEntry.Admitted;
        }
    }

    /// <summary>Answers one that may not be: 429 if the others may, 503 if nobody may.</summary>
    /// <param name="context">The request.</param>
    /// <param name="entry">Why not.</param>
    /// <param name="what">What there is too much of.</param>
    public static Task RefuseAsync(HttpContext context, ReaderEntry entry, string what) =>
        entry == ReaderEntry.ReaderHasTooMany
            ? Responses.TooManyAsync(context, $"Too many {what} of this client (token or address): end one first.")
            : Responses.UnavailableAsync(context, $"Too many {what} at this node: try again soon.");

    /// <summary>One of a reader's is over.</summary>
    public void Leave(string reader)
    {
        using (gate.Enter())
        {
            count--;
            if (--readers[reader] == 0)
            {
                readers.Remove(reader);
            }
        }
    }
}
