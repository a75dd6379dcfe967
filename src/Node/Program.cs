// A node's process: reads its settings, puts the parts together and runs until it is asked to end or can't go on.
using RaftLocks.Node;
using RaftLocks.Node.Backup;
using RaftLocks.Node.Http;
using RaftLocks.Node.Journal;
using RaftLocks.Node.Membership;
using RaftLocks.Node.Settings;

if (args is [HealthCheckCommand.Name, ..])
{
    return await HealthCheckCommand.RunAsync(args);
}

if (args is [VerifyCommand.Name, ..])
{
    return await VerifyCommand.RunAsync(args, Console.Out, Console.Error);
}

if (args is [MemberCommand.Name, ..])
{
    return await MemberCommand.RunAsync(args);
}

if (args is [SnapshotCommand.Name, ..])
{
    return await SnapshotCommand.RunAsync(args);
}

var configuration = NodeConfiguration.Read();
var start = CommandLine.Read(args, Environment.GetEnvironmentVariables(), configuration, Console.Out, Console.Error);
return start.Settings is { } settings
    ? await NodeProcess.RunAsync(settings, configuration, start.Warnings, Console.Out, Console.Error)
    : start.ExitCode;
