// The ring of digests: what the state was at each index that is a multiple of a fixed number, so that replicas can be
// compared at equal index while they run.
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.State;

/// <summary>The state at one index, in a few bytes.</summary>
/// <param name="Index">Applied index.</param>
/// <param name="Digest">The digest of the whole state.</param>
/// <param name="Ledger">The ledger's head.</param>
public readonly record struct DigestPoint(long Index, UInt128 Digest, LedgerHash Ledger);

internal sealed class DigestHistory
{
    private readonly DigestPoint[] ring = new DigestPoint[Limits.DigestPointsKept];
    private int count;

    public void Add(in DigestPoint point) => ring[count++ % ring.Length] = point;

    public DigestPoint[] ToArray()
    {
        var kept = Math.Min(count, ring.Length);
        var points = new DigestPoint[kept];
        for (var i = 0; i < kept; i++)
        {
            points[i] = ring[(count - kept + i) % ring.Length];
        }

        return points;
    }
}
