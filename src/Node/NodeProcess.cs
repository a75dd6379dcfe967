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
            return await Task.WhenAny(node.Fatal, node.AskedToEnd) == node.AskedToEnd ? await EndAsync(node, error) : await HaltAsync(node, error);
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

    /// <summary>Ends in good order. A disk that fails on the way there is told of as at any other time.</summary>
    private static async Task<int> EndAsync(RunningNode node, TextWriter error)
    {
        await using var patience = new Timer(_ => GiveUp(error), null, Limits.EndMs, Timeout.Infinite);
        await node.DisposeAsync();
        return node.Fatal.IsCompleted ? await HaltAsync(node, error) : ExitCodes.Ended;
    }

    private static void GiveUp(TextWriter error)
    {
        error.WriteLine($"The node has not ended within {Limits.EndMs / 1000} s: its disk does not answer. It ends now; what it has acknowledged is on disk.");
        Environment.Exit(ExitCodes.DiskFailed);
    }

    /// <summary>Ends in good order if that is possible. What waits for a disk that does not answer may wait for ever: then the process ends anyway, and loses
    /// nothing by it that it has vouched for.</summary>
    private static async Task<int> HaltAsync(RunningNode node, TextWriter error)
    {
        var halt = await node.Fatal;
        await error.WriteLineAsync("The node has halted: " + halt.Reason);
        var code = halt.IsDisk ? ExitCodes.DiskFailed : ExitCodes.Halted;
        await using var patience = new Timer(_ => Environment.Exit(code), null, Limits.HaltMs, Timeout.Infinite);
        await node.DisposeAsync();
        return code;
    }

    private static async Task SayWhenReadyAsync(RunningNode node, NodeSettings settings, TextWriter output)
    {
        await node.Serves;
        await output.WriteLineAsync(ReadyText.For(settings, node.ListensOn));
    }

    [LoggerMessage(1, LogLevel.Warning, "{Warning}")]
    private static partial void Odd(ILogger logger, string warning);
}
