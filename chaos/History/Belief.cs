// What a client of the .NET library believed of a lock that it held. Every time is taken before the look that it belongs to: the answer was true then or later.
namespace RaftLocks.Chaos.History;

/// <summary>How long a lock was believed in.</summary>
public sealed class Belief
{
    /// <summary>When the last look began that found it held (<c>IsLost</c> was false).</summary>
    public required double HeldAt { get; set; }

    /// <summary>The longest time between two looks: for so long the process may not have been scheduled.</summary>
    public double LongestGapMs { get; set; }

    /// <summary>When a look began that found it lost.</summary>
    public double? FoundLostAt { get; set; }

    /// <summary>When <c>Lost</c> fired.</summary>
    public double? LostAt { get; set; }

    /// <summary>Why it was lost, as the library says it.</summary>
    public string? LossReason { get; set; }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant(
        $", believed in until {HeldAt:F1} (longest gap {LongestGapMs:F1} ms){(FoundLostAt is null ? "" : $", found lost at {FoundLostAt:F1}, Lost fired at {LostAt:F1}: {LossReason}")}");
}
