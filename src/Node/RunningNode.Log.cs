// What a whole node tells about its room for clients.
namespace RaftLocks.Node;

internal sealed partial class RunningNode
{
    [LoggerMessage(
        3,
        LogLevel.Warning,
        "The limit of open files admits {Connections} client connections, not the {Wanted} of --max-connections: "
            + "raise it (ulimit -n, LimitNOFILE) if you need them"
    )]
    private static partial void FewFiles(ILogger logger, int connections, int wanted);

    [LoggerMessage(
        4,
        LogLevel.Information,
        "The limit of open files admits {Connections} client connections: raise it (ulimit -n, LimitNOFILE) if "
            + "you need more"
    )]
    private static partial void Room(ILogger logger, int connections);
}
