// The life of a node's process: start, ready, asked to end or failed, exit code.
using RaftLocks.Node.Http;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Settings;

namespace RaftLocks.Node;

internal static partial class NodeProcess
{
    /// <summary>Runs a node to its end and returns the exit code.</summary>
    public static async Task<int> RunAsync(
        NodeSettings settings, IConfiguration configuration, IReadOnlyList<string> warnings, TextWriter output, TextWriter error)
    {
        using var loggers = NodeConfiguration.Loggers(configuration);
        var logger = loggers.CreateLogger("RaftLocks.Node");
        foreach (var warning in warnings)
        {
            Odd(logger, warning);
        }

        RunningNode? node = null;
        try
        {
            node = new RunningNode(settings, configuration, loggers, TimeProvider.System);
            await node.StartAsync();
            _ = SayWhenReadyAsync(node, settings, output);
            var failed = await Task.WhenAny(node.Fatal, node.AskedToEnd) == node.Fatal;
            await node.StopAsync();
            if (!failed)
            {
                return ExitCodes.Ended;
            }

            var halt = await node.Fatal;
            await error.WriteLineAsync("The node has halted: " + halt.Reason);
            return halt.IsDisk ? ExitCodes.DiskFailed : ExitCodes.Halted;
        }
        catch (DiskException e)
        {
            await error.WriteLineAsync(e.Message);
            return ExitCodes.DiskFailed;
        }
        catch (Exception e) when (e is DamagedDataException or StrangerException)
        {
            await error.WriteLineAsync(e.Message);
            return ExitCodes.Halted;
        }
        catch (Exception e) when (e is WrongDataDirectoryException or IOException or System.Net.Sockets.SocketException
            or UnauthorizedAccessException or InvalidOperationException)
        {
            await error.WriteLineAsync("The node can't start: " + e.Message);
            return ExitCodes.CouldNotStart;
        }
        finally
        {
            if (node is not null)
            {
                await node.DisposeAsync();
            }
        }
    }

    private static async Task SayWhenReadyAsync(RunningNode node, NodeSettings settings, TextWriter output)
    {
        await node.Serves;
        await output.WriteLineAsync(ReadyText.For(settings, node.ListensOn));
    }

    [LoggerMessage(1, LogLevel.Warning, "{Warning}")]
    private static partial void Odd(ILogger logger, string warning);
}
