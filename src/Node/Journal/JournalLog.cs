// What the journal says in the log.
namespace RaftLocks.Node.Journal;

internal static partial class JournalLog
{
    [LoggerMessage(
        200,
        LogLevel.Information,
        "The journal {Directory} is open: {Position} records of the ledger, {Segments} segments, {Bytes} bytes"
    )]
    public static partial void Opened(ILogger logger, string directory, long position, int segments, long bytes);

    [LoggerMessage(201, LogLevel.Warning, "A damaged segment of the journal is set aside as {Aside}: {Why}")]
    public static partial void SetAside(ILogger logger, string aside, string why);

    [LoggerMessage(
        202,
        LogLevel.Error,
        "The journal has stopped, the locks go on: {Reason}. {FreeMiB} MiB of the disk are free. It is tried "
            + "again every {RetrySeconds} s"
    )]
    public static partial void Stopped(
        ILogger logger,
        string reason,
        long freeMiB,
        double retrySeconds,
        Exception? cause
    );

    [LoggerMessage(
        203,
        LogLevel.Warning,
        "The journal goes on at record {Position} (index {Index}); {Missing} records before it are missing: {Text}"
    )]
    public static partial void Gap(ILogger logger, long position, long index, long missing, string text);

    [LoggerMessage(
        204,
        LogLevel.Critical,
        "The journal's head at record {Position} is not that of this node's state: one of the two is damaged."
            + " Compare with the other nodes' (raftlocks verify)"
    )]
    public static partial void Disagrees(ILogger logger, long position);

    [LoggerMessage(
        205,
        LogLevel.Warning,
        "The journal can't keep up with the locks; it leaves out records until it has caught up"
    )]
    public static partial void FallsBehind(ILogger logger);

    [LoggerMessage(
        207,
        LogLevel.Critical,
        "The state differs from that of {Other} at index {Index}: digest {OwnDigest} here, {OtherDigest} there;"
            + " ledger {OwnLedger} here, {OtherLedger} there. One of the two nodes is damaged: stop the cluster,"
            + " keep both data folders, and compare them with raftlocks verify"
    )]
    public static partial void ReplicasDiffer(
        ILogger logger,
        string other,
        long index,
        string ownDigest,
        string otherDigest,
        string ownLedger,
        string otherLedger
    );

    [LoggerMessage(206, LogLevel.Information, "The journal's oldest segment {Directory} is deleted: {Why}")]
    public static partial void Retired(ILogger logger, string directory, string why);

    [LoggerMessage(208, LogLevel.Warning, "A segment of the journal, {Directory}, could not be closed in good order")]
    public static partial void NotClosed(ILogger logger, string directory, Exception cause);
}
