// The log events of the connections between members. Raft/Log.cs lists which room has which numbers.
namespace RaftLocks.Node.Raft.Transport;

internal static partial class TransportLog
{
    [LoggerMessage(
        114,
        LogLevel.Warning,
        "Connections of other members can't be accepted just now, and are tried again: {Reason}"
    )]
    public static partial void ConnectionNotAccepted(ILogger logger, string reason);
}
