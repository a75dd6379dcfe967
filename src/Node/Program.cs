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
var start = Read(configuration, Console.Error);
return start.Settings is not null
    ? await NodeProcess.RunAsync(
        start,
        configuration,
        error => Read(NodeConfiguration.Read(), error),
        Console.Out,
        Console.Error
    )
    : start.ExitCode;

ParsedSettings Read(IConfiguration files, TextWriter error) =>
    CommandLine.Read(args, Environment.GetEnvironmentVariables(), files, Console.Out, error);
