// A node's process: reads its settings, puts the parts together and runs until it is asked to end or can't go on.
using RaftLocks.Node;
using RaftLocks.Node.Backup;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;

if (args is [HealthCheckCommand.Name, ..])
{
    return await HealthCheckCommand.RunAsync(args);
}

if (MovedCommands.Find(args) is { } moved)
{
    await Console.Error.WriteLineAsync(moved);
    return ExitCodes.WrongSettings;
}

if (args is [SnapshotCommand.Name, ..])
{
    return await SnapshotCommand.RunAsync(args);
}

if (args is [ManualCommand.Name, ..])
{
    return await ManualCommand.RunAsync(args);
}

var configuration = NodeConfiguration.Read();
var start = CommandLine.Read(args, Environment.GetEnvironmentVariables(), configuration, Console.Out, Console.Error);
return start.Settings is { } settings
    ? await NodeProcess.RunAsync(settings, configuration, start.Warnings, Console.Out, Console.Error)
    : start.ExitCode;
