// What a verifier found.
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Ledger.Proof;

/// <summary>Whether a journal is proven.</summary>
public enum Outcome
{
    /// <summary>The chain is whole, and mutual exclusion and order held in every event.</summary>
    Proven,

    /// <summary>The same, but for stretches that are not in the journal, as it says itself.</summary>
    ProvenWithGaps,

    /// <summary>Something is wrong: see the violation.</summary>
    Violated,

    /// <summary>There is nothing in it.</summary>
    Empty,
}

/// <summary>A stretch that can't be proven because its records are not there.</summary>
/// <param name="AfterPosition">The last record before it.</param>
/// <param name="AfterIndex">Its Raft index.</param>
/// <param name="Position">The first record after it is the one after this.</param>
/// <param name="Index">Raft index where it ends.</param>
/// <param name="Text">What the node said of it.</param>
public sealed record Gap(long AfterPosition, long AfterIndex, long Position, long Index, string Text);

/// <summary>The contradiction to the proof.</summary>
/// <param name="Where">The segment, or the file.</param>
/// <param name="Position">The record, counted from the ledger's beginning; 0 where none is concerned.</param>
/// <param name="Index">Its Raft index.</param>
/// <param name="Text">What is wrong.</param>
public sealed record Violation(string Where, long Position, long Index, string Text);

/// <summary>The result of comparing with a head that was given.</summary>
/// <param name="Index">Its Raft index.</param>
/// <param name="Head">The head.</param>
/// <param name="Origin">The source of the head.</param>
/// <param name="Answer">What came of it.</param>
public sealed record HeadComparison(long Index, LedgerHash Head, string Origin, HeadAnswer Answer);

/// <summary>The comparison with a given head.</summary>
public enum HeadAnswer
{
    /// <summary>The head is the journal's own.</summary>
    Same,

    /// <summary>The head is another one: the histories differ.</summary>
    Different,

    /// <summary>The journal does not cover this index: it begins later, or has a gap there.</summary>
    NotCovered,

    /// <summary>The journal ends before this index.</summary>
    CutOff,
}

/// <summary>The whole result.</summary>
/// <param name="Outcome">The outcome in one word.</param>
/// <param name="Segments">Segments read.</param>
/// <param name="Records">Records read: applied log entries.</param>
/// <param name="Events">Events in them.</param>
/// <param name="Grants">The number of locks that were acquired.</param>
/// <param name="Live">Live requests at the end.</param>
/// <param name="First">The first position of the journal.</param>
/// <param name="Last">The last position.</param>
/// <param name="Gaps">The parts that can't be proven.</param>
/// <param name="Violation">The first violation, if any.</param>
/// <param name="EndIsMissing">Whether all that is wrong is that the journal ends before a given head: one that is still
/// being written may get there.</param>
/// <param name="Heads">Comparisons with given heads.</param>
public sealed record Verdict(
    Outcome Outcome,
    int Segments,
    long Records,
    long Events,
    long Grants,
    int Live,
    JournalPosition First,
    JournalPosition Last,
    IReadOnlyList<Gap> Gaps,
    Violation? Violation,
    bool EndIsMissing,
    IReadOnlyList<HeadComparison> Heads
);
