// One lock of a client that uses tries, limited waits and downgrades, as the client knows it. Times are of the run's
// clock, in ms.
namespace RaftLocks.Chaos.History;

/// <summary>What the first answer to a lock was.</summary>
public enum FirstAnswer
{
    /// <summary>No answer was received.</summary>
    None,

    /// <summary>The request holds its lock.</summary>
    Acquired,

    /// <summary>The request waits.</summary>
    Enqueued,

    /// <summary>A try that was refused.</summary>
    Busy,
}

/// <summary>A lock that was asked for.</summary>
public sealed class Attempt
{
    /// <summary>The number of the client.</summary>
    public required int Client { get; init; }

    /// <summary>The namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The resources that it asks for.</summary>
    public required IReadOnlyList<Resource> Resources { get; init; }

    /// <summary>How long the lock outlives its connection.</summary>
    public required long AbandonTimeoutMs { get; init; }

    /// <summary>How long it waits: 0 for a try; null for as long as it takes.</summary>
    public long? WaitTimeoutMs { get; init; }

    /// <summary>The mark by which the cluster's history knows it.</summary>
    public required string Ref { get; init; }

    /// <summary>When the lock message was sent.</summary>
    public required double SentAt { get; init; }

    /// <summary>The number that it was answered.</summary>
    public ulong? Id { get; set; }

    /// <summary>The first answer.</summary>
    public FirstAnswer FirstAnswer { get; set; }

    /// <summary>The time of that answer.</summary>
    public double? AnsweredAt { get; set; }

    /// <summary>When it was told that it holds.</summary>
    public double? AcquiredAt { get; set; }

    /// <summary>When a downgrade was sent.</summary>
    public double? DowngradeSentAt { get; set; }

    /// <summary>When that was confirmed.</summary>
    public double? DowngradedAt { get; set; }

    /// <summary>When a release was sent.</summary>
    public double? ReleaseSentAt { get; set; }

    /// <summary>When that was confirmed.</summary>
    public double? ReleasedAt { get; set; }

    /// <summary>When it was told that it had waited for too long.</summary>
    public double? TimedOutAt { get; set; }

    /// <summary>When it was told that it had lost it: revoked, or answered as gone.</summary>
    public double? GoneAt { get; set; }

    /// <summary>The node that it was connected to.</summary>
    public string? Through { get; set; }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{Namespace}#{Id?.ToString() ?? "?"} of client {Client} ({Ref}) [{string.Join(' ', Resources)}] "
                + $"timeout {AbandonTimeoutMs}, wait {WaitTimeoutMs?.ToString() ?? "any"}: sent {SentAt:F1}, "
                + $"{FirstAnswer} {AnsweredAt:F1}, acquired {AcquiredAt:F1}, downgrade {DowngradeSentAt:F1} "
                + $"{DowngradedAt:F1}, release {ReleaseSentAt:F1} {ReleasedAt:F1}, timed out "
                + $"{TimedOutAt:F1}, gone {GoneAt:F1}, through {Through}"
        );
}
