// What the client logs, each with its number.
using Microsoft.Extensions.Logging;

namespace RaftLocks.Client.Sessions;

internal static partial class ClientLog
{
    [LoggerMessage(1, LogLevel.Information, "Connected to {Node}; {Live} locks were found again.")]
    public static partial void Connected(ILogger log, Uri node, int live);

    [LoggerMessage(2, LogLevel.Warning, "The connection to {Node} ended: {Reason}.")]
    public static partial void Disconnected(ILogger log, Uri node, string reason);

    [LoggerMessage(3, LogLevel.Debug, "No connection to {Node}: {Problem}.")]
    public static partial void CouldNotConnect(ILogger log, Uri node, string problem);

    [LoggerMessage(4, LogLevel.Warning, "A progress callback of the application failed.")]
    public static partial void ProgressFailed(ILogger log, Exception e);

    [LoggerMessage(5, LogLevel.Error, "The client failed and connects again. This is a defect of RaftLocks.Client.")]
    public static partial void Failed(ILogger log, Exception e);

    [LoggerMessage(
        6,
        LogLevel.Critical,
        "The client has failed and is of no more use: all its calls fail from now on. This is a defect of "
            + "RaftLocks.Client."
    )]
    public static partial void GaveUp(ILogger log, Exception e);
}
