// The settings of a node's everyday operation. They are a part of the table of settings (Setting.cs).
namespace RaftLocks.Node.Foundation;

/// <summary>Settings of the log and of what is saved on a schedule.</summary>
internal static class OperationsSettings
{
    public static readonly Setting LogFormat = new(
        "LogFormat",
        "--log-format",
        "text|json",
        "How the log is written: a line of text for each event, or a line of JSON. [text]"
    );

    public static readonly Setting SnapshotSchedule = new(
        "SnapshotSchedule",
        "--snapshot-schedule",
        "WHEN",
        "When this node saves a snapshot to the folder: each so many minutes, hours or days (30m, 6h, 1d), or daily at "
            + "a time of day in UTC (02:30). [never]"
    );

    public static readonly Setting SnapshotFolder = new(
        "SnapshotFolder",
        "--snapshot-folder",
        "DIR",
        "Where to: best a disk that is not the data folder's. [none]"
    );

    public static readonly Setting SnapshotKeep = new(
        "SnapshotKeep",
        "--snapshot-keep",
        "N",
        "How many of this node's snapshots are kept there; the oldest are deleted. [7]"
    );

    /// <summary>All of them, in the order of the help.</summary>
    public static readonly IReadOnlyList<Setting> All = [LogFormat, SnapshotSchedule, SnapshotFolder, SnapshotKeep];
}
