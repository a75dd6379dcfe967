// What the sums of memory come to, beside their budgets.
using System.Collections.Concurrent;

namespace RaftLocks.Node.Sessions;

/// <content>Figures.</content>
internal sealed partial class Footprints
{
    /// <summary>What all live requests take, without the locks that are on their way.</summary>
    public long LiveBytes
    {
        get
        {
            using (gate.Enter())
            {
                return total - pending;
            }
        }
    }

    /// <summary>The sum that is nearest to its budget, of all that share a kind of budget.</summary>
    public long Fullest(Budget budget) =>
        budget switch
        {
            Budget.Request => 0,
            Budget.Session => Greatest(sessions),
            Budget.Namespace => Greatest(namespaces),
            Budget.Principal => Greatest(principals),
            Budget.Cluster => Volatile.Read(ref total),
        };

    private static long Greatest<TKey>(ConcurrentDictionary<TKey, long> sums)
        where TKey : notnull
    {
        var greatest = 0L;
        foreach (var (_, sum) in sums)
        {
            greatest = Math.Max(greatest, sum);
        }

        return greatest;
    }
}
