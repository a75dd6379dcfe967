// The ring of digests: what the state was at each index that is a multiple of a fixed number, so that replicas can be compared at
// equal index while they run.
namespace RaftLocks.StateMachine;

/// <summary>The state at one index, in a few bytes.</summary>
/// <param name="Index">Applied index.</param>
/// <param name="Digest">Of the whole state.</param>
/// <param name="Ledger">The ledger's head.</param>
public readonly record struct DigestMark(long Index, UInt128 Digest, LedgerHash Ledger);

internal sealed class DigestMarks
{
    private readonly DigestMark[] ring = new DigestMark[Limits.DigestMarksKept];
    private int count;

    public void Add(in DigestMark mark) => ring[count++ % ring.Length] = mark;

    public DigestMark[] ToArray()
    {
        var kept = Math.Min(count, ring.Length);
        var marks = new DigestMark[kept];
        for (var i = 0; i < kept; i++)
        {
            marks[i] = ring[(count - kept + i) % ring.Length];
        }

        return marks;
    }
}
