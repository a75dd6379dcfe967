// The log events of Raft. Its inner rooms have numbers of the same range: StorageLog 105, MembershipLog 112,
// TransportLog 114.
using System.Net;

namespace RaftLocks.Node.Raft;

internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Information, "{Name} leads in term {Term} with {Live} live requests")]
    public static partial void Leading(ILogger logger, string name, long term, int live);

    [LoggerMessage(101, LogLevel.Information, "{Name} no longer leads (term {Term}): {Reason}")]
    public static partial void NotLeading(ILogger logger, string name, long term, string reason);

    [LoggerMessage(102, LogLevel.Information, "{Name} follows {Leader} in term {Term}")]
    public static partial void Following(ILogger logger, string name, string leader, long term);

    [LoggerMessage(
        103,
        LogLevel.Warning,
        "Leadership of term {Term} ended with {Count} commands in flight; their sessions will find out from the "
            + "next leader"
    )]
    public static partial void BatchOutcomeUnknown(ILogger logger, int count, long term);

    [LoggerMessage(104, LogLevel.Information, "Snapshot at index {Index}: {Bytes} bytes in {ElapsedMs} ms")]
    public static partial void SnapshotTaken(ILogger logger, long index, long bytes, long elapsedMs);

    [LoggerMessage(106, LogLevel.Critical, "This node stops: {Reason}")]
    public static partial void Fatal(ILogger logger, string reason, Exception? cause);

    [LoggerMessage(
        107,
        LogLevel.Error,
        "A snapshot could not be written; the log keeps growing until one can: {Reason}"
    )]
    public static partial void SnapshotFailed(ILogger logger, string reason, Exception cause);

    [LoggerMessage(108, LogLevel.Error, "A command was dropped: it does not fit the log's format")]
    public static partial void CommandRefused(ILogger logger, Exception cause);

    [LoggerMessage(
        111,
        LogLevel.Information,
        "The log was last known to end at index {Said}, but whole entries follow up to index {Last}: they belong to it"
    )]
    public static partial void TailFound(ILogger logger, long said, long last);

    [LoggerMessage(
        113,
        LogLevel.Critical,
        "This node contradicts the others, and ends so that it can do no harm: {Reason}"
    )]
    public static partial void Contradicted(ILogger logger, string reason);

    [LoggerMessage(110, LogLevel.Information, "Members from index {Index} on: {Members}")]
    public static partial void MembersChanged(ILogger logger, long index, string members);

    [LoggerMessage(
        116,
        LogLevel.Warning,
        "Refused on the Raft port: {Reason} (from {From}; refusals since this was last said: {Count})"
    )]
    public static partial void Refused(ILogger logger, EndPoint? from, string reason, long count);

    [LoggerMessage(115, LogLevel.Warning, "{Name} gives up leadership until its disk works again: {Reason}")]
    public static partial void StepsAside(ILogger logger, string name, string reason);
}
