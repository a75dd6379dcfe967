// Nodes that did not answer: reported on the error output, each reason once.
using RaftLocks.Ledger;

namespace RaftLocks.Cli.Shared;

/// <summary>Reports nodes that did not answer.</summary>
internal sealed class SkippedNodes(Terminal terminal)
{
    private readonly HashSet<string> told = new(StringComparer.Ordinal);

    /// <summary>Reports one node, and why; a part of a sentence.</summary>
    public void Tell(Uri node, string problem)
    {
        var line = $"{node.GetLeftPart(UriPartial.Authority)} did not answer: {problem.TrimEnd('.')}.";
        lock (told)
        {
            if (!told.Add(line))
            {
                return;
            }
        }

        terminal.Error.WriteLine(PrintableText.Of(line));
    }
}
