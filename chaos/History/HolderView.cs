// What a client of the .NET library believed of a lock that it held. Every time is taken before the look that it
// belongs to: the answer was true then or later.
namespace RaftLocks.Chaos.History;

/// <summary>How long a client believed that it held a lock.</summary>
public sealed class HolderView
{
    /// <summary>When the last look began that found it held (<c>IsLost</c> was false).</summary>
    public required double HeldAt { get; set; }

    /// <summary>The longest time between two looks: for so long the process may not have been scheduled.</summary>
    public double LongestGapMs { get; set; }

    /// <summary>When a look began that found it lost.</summary>
    public double? FoundLostAt { get; set; }

    /// <summary>The time when <c>Lost</c> fired.</summary>
    public double? LostAt { get; set; }

    /// <summary>Why it was lost, as the library says it.</summary>
    public string? LossReason { get; set; }

    private string Loss =>
        FoundLostAt is null
            ? ""
            : FormattableString.Invariant($", found lost at {FoundLostAt:F1}, Lost fired at {LostAt:F1}: {LossReason}");

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $", believed in until {HeldAt:F1} (longest gap {LongestGapMs:F1} " + $"ms){Loss}"
        );
}
