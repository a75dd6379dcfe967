// Verifies a journal at a path: reads it and passes it to the verifier.
using RaftLocks.Ledger.Proof;

namespace RaftLocks.Journal;

/// <summary>Verifies journals.</summary>
public static class Verification
{
    private const int Attempts = 3;
    private const int ItemsBetweenReports = 1000;

    /// <summary>Proves the journal at a path.</summary>
    /// <param name="path">See <see cref="JournalSource.Open"/>.</param>
    /// <param name="heads">The heads to compare with.</param>
    /// <param name="progress">Called now and then with the share that is done and the number of events.</param>
    /// <exception cref="IOException">There is no journal, or it can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static Verdict Run(string path, IReadOnlyCollection<KnownHead> heads, Action<double, long> progress)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return RunOnce(path, heads, progress);
            }
            catch (JournalMovedException) when (attempt < Attempts)
            {
                // The node has deleted the oldest segment: reading begins anew.
            }
        }
    }

    private static Verdict RunOnce(string path, IReadOnlyCollection<KnownHead> heads, Action<double, long> progress)
    {
        using var source = JournalSource.Open(path);
        var verifier = new Verifier();
        foreach (var head in heads)
        {
            verifier.Expect(head.Index, head.Head, head.Origin);
        }

        try
        {
            for (var items = 0; !verifier.HasEnded && source.TryNext(); items++)
            {
                verifier.Add(source.Place, source.Kind, source.Item);
                if (items % ItemsBetweenReports == 0)
                {
                    progress((double)source.BytesRead / Math.Max(1, source.BytesInAll), verifier.Events);
                }
            }
        }
        catch (JournalDamagedException e)
        {
            verifier.AddUnreadable(source.Place, e.Message);
        }

        return verifier.Finish();
    }
}
