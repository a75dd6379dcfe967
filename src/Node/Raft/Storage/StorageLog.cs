// The log events of files on disk. Raft/Log.cs lists which room has which numbers.
namespace RaftLocks.Node.Raft.Storage;

internal static partial class StorageLog
{
    [LoggerMessage(105, LogLevel.Warning, "Snapshot {File} is set aside as {Aside}: {Why}")]
    public static partial void SnapshotSetAside(ILogger logger, string file, string aside, string why);
}
