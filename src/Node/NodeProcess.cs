// The life of a node's process: start, ready, asked to end or failed, exit code.
using System.Runtime.InteropServices;
using RaftLocks.Api;
using RaftLocks.Node.Endpoints;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Raft;
using RaftLocks.Node.Raft.Files;

namespace RaftLocks.Node;

internal static partial class NodeProcess
{
    private static readonly TimeSpan HungBound = TimeSpan.FromMilliseconds(Limits.HungMs);

    /// <summary>Runs a node to its end and returns the exit code.</summary>
    /// <param name="start">The settings.</param>
    /// <param name="configuration">The files that they came from, among others.</param>
    /// <param name="read">Reads and checks all settings anew; tells errors.</param>
    /// <param name="output">For people.</param>
    /// <param name="error">For people, when it ends badly.</param>
    public static async Task<int> RunAsync(
        ParsedSettings start,
        IConfigurationRoot configuration,
        Func<TextWriter, ParsedSettings> read,
        TextWriter output,
        TextWriter error
    )
    {
        var settings = start.Settings!;
        using var loggers = NodeConfiguration.Loggers(configuration, settings.LogsJson);
        var logger = loggers.CreateLogger("RaftLocks.Node");
        foreach (var warning in start.Warnings)
        {
            SettingWarning(logger, warning);
        }

        AppDomain.CurrentDomain.UnhandledException += (_, failed) =>
            EndUnhandled(failed.ExceptionObject as Exception, error);
        RunningNode? node = null;
        var reload = new TaskCompletionSource<Action>();
        using var onHangUp = ReloadOnHangUp(reload.Task);
        using var ended = new CancellationTokenSource();
        try
        {
            node = new RunningNode(
                settings,
                configuration,
                loggers,
                TimeProvider.System,
                () => ProcessEnd.Within(HungBound, ExitCodes.DiskFailed)
            );
            var reloading = new SettingsReload(
                start,
                configuration,
                NodeConfiguration.Files,
                read,
                node.Take,
                logger,
                TimeProvider.System
            );
            reload.SetResult(() =>
            {
                node.Reload();
                reloading.Reload();
            });
            _ = reloading.RunAsync(ended.Token);
            await node.StartAsync();
            _ = PrintWhenReadyAsync(node, settings, output, logger);
            return await Task.WhenAny(node.Fatal, node.AskedToEnd) == node.AskedToEnd
                ? await EndAsync(node, error)
                : await EndOnFatalErrorAsync(node, error);
        }
        catch (Exception e)
        {
            return await TellAsync(e, logger, error);
        }
        finally
        {
            await ended.CancelAsync();
            if (node is not null)
            {
                await node.DisposeAsync();
            }
        }
    }

    /// <summary>SIGHUP asks daemons to read their files anew. Nobody has to end for it.</summary>
    private static PosixSignalRegistration ReloadOnHangUp(Task<Action> reload) =>
        PosixSignalRegistration.Create(
            PosixSignal.SIGHUP,
            signal =>
            {
                signal.Cancel = true;
                if (reload.IsCompletedSuccessfully)
                {
                    reload.Result();
                }
            }
        );

    /// <summary>Says why the node could not start, and returns the exit code.</summary>
    private static async Task<int> TellAsync(Exception e, ILogger logger, TextWriter error)
    {
        var (code, sentence) = e switch
        {
            _ when NewerDataException.In(e) is { } newer => (ExitCodes.NewerData, newer.Message),
            _ when OutOfResourcesException.IsIn(e) => (
                ExitCodes.OutOfResources,
                e is OutOfResourcesException ? e.Message : new OutOfResourcesException(e.Message, e).Message
            ),
            DiskException => (ExitCodes.DiskFailed, e.Message),
            WrongSettingException => (ExitCodes.WrongSettings, "The node can't start: " + e.Message),
            CertificateFileException => (
                ExitCodes.WrongSettings,
                $"The node can't start with these certificates: {e.Message}"
            ),
            DamagedDataException or IdentityMismatchException => (ExitCodes.Halted, e.Message),
            WrongDataDirectoryException
            or IOException
            or System.Net.Sockets.SocketException
            or UnauthorizedAccessException
            or InvalidOperationException => (ExitCodes.CouldNotStart, "The node can't start: " + e.Message),
            _ => (
                ExitCodes.Halted,
                $"The node can't start because of a defect in it: {e.GetType().Name}: {e.Message} The log has the "
                    + "details; please report them."
            ),
        };
        if (
            e
            is not (
                IOException
                or CertificateFileException
                or WrongSettingException
                or DamagedDataException
                or IdentityMismatchException
                or WrongDataDirectoryException
                or NewerDataException
                or System.Net.Sockets.SocketException
                or UnauthorizedAccessException
            )
        )
        {
            // Whatever nobody expected keeps its stack.
            CouldNotStart(logger, e);
        }

        await error.WriteLineAsync(sentence);
        return code;
    }

    /// <summary>Ends in good order. A disk that fails meanwhile is reported as at any other time.</summary>
    private static async Task<int> EndAsync(RunningNode node, TextWriter error)
    {
        using var bound = ProcessEnd.Within(
            TimeSpan.FromMilliseconds(Limits.EndMs),
            ExitCodes.DiskFailed,
            () => GiveUp(error)
        );
        var ending = node.DisposeAsync().AsTask();
        if (await Task.WhenAny(ending, node.Fatal) == ending)
        {
            await ending;
        }

        return node.Fatal.IsCompleted ? await EndOnFatalErrorAsync(node, error) : ExitCodes.Ended;
    }

    /// <summary>
    /// A thread that wants memory and that nobody looks after: the process ends anyway, but its exit code says why.
    /// </summary>
    private static void EndUnhandled(Exception? e, TextWriter error)
    {
        if (OutOfResourcesException.IsIn(e))
        {
            error.WriteLine(new OutOfResourcesException("The node has halted: " + e!.Message).Message);
            Environment.Exit(ExitCodes.OutOfResources);
        }
    }

    private static void GiveUp(TextWriter error) =>
        error.WriteLine(
            $"The node has not ended within {Limits.EndMs / 1000} s: its disk does not answer. It ends now; what "
                + $"it has acknowledged is on disk."
        );

    /// <summary>
    /// Ends in good order if that is possible. What waits for a disk that does not answer may wait for ever: then the
    /// process ends anyway, and loses nothing by it that it has trusted.
    /// </summary>
    private static async Task<int> EndOnFatalErrorAsync(RunningNode node, TextWriter error)
    {
        var fatalError = await node.Fatal;
        await error.WriteLineAsync("The node has halted: " + fatalError.Reason);
        var code = fatalError.Kind switch
        {
            FatalErrorKind.Disk => ExitCodes.DiskFailed,
            FatalErrorKind.Resources => ExitCodes.OutOfResources,
            FatalErrorKind.Contradiction => ExitCodes.Contradicted,
            FatalErrorKind.NewerData => ExitCodes.NewerData,
            _ => ExitCodes.Halted,
        };
        using var bound = ProcessEnd.Within(TimeSpan.FromMilliseconds(Limits.FatalErrorMs), code);
        await node.DisposeAsync();
        return code;
    }

    private static async Task PrintWhenReadyAsync(
        RunningNode node,
        NodeSettings settings,
        TextWriter output,
        ILogger logger
    )
    {
        await node.Serves;
        if (settings.LogsJson)
        {
            // Whatever reads the output expects nothing but JSON there.
            Ready(logger, settings.Name, string.Join(", ", node.ListensOn), ProductVersion.Text);
        }
        else
        {
            await output.WriteLineAsync(ReadyText.For(settings, node.ListensOn));
        }

        node.TellRoom();
    }

    [LoggerMessage(1, LogLevel.Warning, "{Warning}")]
    private static partial void SettingWarning(ILogger logger, string warning);

    [LoggerMessage(5, LogLevel.Information, "Node {Name} of version {Version} is ready at {Addresses}")]
    private static partial void Ready(ILogger logger, string name, string addresses, string version);

    [LoggerMessage(2, LogLevel.Critical, "The node can't start")]
    private static partial void CouldNotStart(ILogger logger, Exception cause);
}
