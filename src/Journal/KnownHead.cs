// A head of the ledger from another source: a journal is verified against it.
using System.Globalization;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Journal;

/// <summary>A head that somebody has at an index.</summary>
/// <param name="Index">Raft index.</param>
/// <param name="Head">The ledger's head there.</param>
/// <param name="Origin">The source of the head.</param>
public readonly record struct KnownHead(long Index, LedgerHash Head, string Origin)
{
    /// <summary>Reads INDEX:HEX.</summary>
    public static bool TryParse(string text, string origin, out KnownHead known)
    {
        known = default;
        if (
            text.Split(':') is not [var index, var hex]
            || !long.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || !LedgerHash.TryParse(hex, out var head)
        )
        {
            return false;
        }

        known = new KnownHead(number, head, origin);
        return true;
    }
}
