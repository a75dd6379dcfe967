// The limits of a node's everyday operation: files of settings, and snapshots on a schedule.
namespace RaftLocks.Node.Foundation;

/// <content>Operation.</content>
internal static partial class Limits
{
    /// <summary>How often the files of settings are looked at, ms: they are small.</summary>
    public const int SettingsLookMs = 2_000;

    /// <summary>Snapshots of a node that are kept in its folder of scheduled ones.</summary>
    public const int DefaultSnapshotsKept = 7;

    /// <summary>The same, at most.</summary>
    public const int MaxSnapshotsKept = 10_000;

    /// <summary>Longest interval of scheduled snapshots, days.</summary>
    public const int MaxSnapshotIntervalDays = 30;

    /// <summary>The space that a scheduled snapshot leaves free on its disk, bytes.</summary>
    public const long SnapshotKeepFreeBytes = 256L << 20;

    /// <summary>How often a node looks whether a snapshot is due, ms.</summary>
    public const int SnapshotLookMs = 1_000;

    /// <summary>How long after a failure the next attempt is made, ms.</summary>
    public const int ScheduledSnapshotRetryMs = 60_000;

    /// <summary>How long saving a snapshot may take, ms; after that its disk is said not to answer.</summary>
    public const int ScheduledSnapshotMs = 600_000;
}
