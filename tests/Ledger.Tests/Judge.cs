// Runs the verifier over items.
using RaftLocks.Ledger.Proof;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Ledger.Tests;

internal static class Judge
{
    public static Verdict Verify(
        IEnumerable<(ItemKind Kind, byte[] Bytes)> items,
        params (long Index, LedgerHash Head)[] heads
    )
    {
        var verifier = new Verifier();
        foreach (var (index, head) in heads)
        {
            verifier.Expect(index, head, "a test");
        }

        foreach (var (kind, bytes) in items)
        {
            verifier.Add("test", kind, bytes);
        }

        return verifier.Finish();
    }

    public static void AssertProven(IEnumerable<(ItemKind Kind, byte[] Bytes)> items)
    {
        var verdict = Verify(items);
        Assert.True(verdict.Outcome == Outcome.Proven, $"{verdict.Outcome}: {verdict.Violation}");
    }
}
