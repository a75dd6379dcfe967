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
}
