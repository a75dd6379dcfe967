// A verdict for people.
using System.Globalization;
using System.Text;
using RaftLocks.Ledger;
using RaftLocks.Ledger.Proof;

namespace RaftLocks.Journal;

/// <summary>Verdicts as text.</summary>
public static class VerdictText
{
    /// <summary>Some lines of text, the first of which says it all.</summary>
    public static string Of(string path, Verdict verdict)
    {
        var text = new StringBuilder();
        Line(text, $"{path}: {Word(verdict.Outcome)}");
        if (verdict.Violation is { } wrong)
        {
            Line(text, $"  violation  record {wrong.Position}, index {wrong.Index}, in {wrong.Where}:");
            Line(text, $"             {PrintableText.Of(wrong.Text)}");
            Line(text, $"  up to there");
        }

        Line(
            text,
            $"  covers     records {verdict.First.Position + 1} to {verdict.Last.Position}, up to index ",
            $"{verdict.Last.Index}; head {verdict.Last.Head}"
        );
        Line(
            text,
            $"  read       {verdict.Segments:N0} segments, {verdict.Records:N0} records, {verdict.Events:N0} ",
            $"events, {verdict.Grants:N0} grants; {verdict.Live:N0} live at the end"
        );
        foreach (var gap in verdict.Gaps)
        {
            Line(
                text,
                $"  gap        records {gap.AfterPosition + 1} to {gap.Position} (after index {gap.AfterIndex}, ",
                $"up to index {gap.Index}) can't be proven: {PrintableText.Of(gap.Text)}"
            );
        }

        foreach (var group in verdict.Heads.GroupBy(head => (head.Origin, head.Answer)))
        {
            Line(
                text,
                $"  head       {group.Key.Origin}: {group.Count()} {Answer(group.Key.Answer)}, index ",
                $"{group.Min(head => head.Index)} to {group.Max(head => head.Index)}"
            );
        }

        return text.ToString();
    }

    private static void Line(StringBuilder text, params FormattableString[] line) =>
        text.AppendJoin("", line.Select(FormattableString.Invariant)).Append('\n');

    private static string Word(Outcome outcome) =>
        outcome switch
        {
            Outcome.Proven => "proven",
            Outcome.ProvenWithGaps => "proven, but for gaps",
            Outcome.Violated => "VIOLATED",
            _ => "empty",
        };

    private static string Answer(HeadAnswer answer) =>
        answer switch
        {
            HeadAnswer.Same => "the same",
            HeadAnswer.Different => "DIFFERENT",
            HeadAnswer.NotCovered => "not covered by this journal",
            _ => "later than this journal ends",
        };
}
