// What the subcommands of raftlocks-node have in common: an error on the command line is told in a line or two, and
// ends with code 2.
using System.CommandLine;

namespace RaftLocks.Node.Foundation;

internal static class Subcommand
{
    /// <summary>Runs a subcommand; returns the exit code.</summary>
    /// <param name="command">The subcommand.</param>
    /// <param name="arguments">All arguments, its name first.</param>
    public static async Task<int> RunAsync(Command command, string[] arguments)
    {
        var parsed = new RootCommand { command }.Parse(arguments);
        if (parsed.Errors.Count == 0)
        {
            return await parsed.InvokeAsync();
        }

        foreach (var error in parsed.Errors)
        {
            await Console.Error.WriteLineAsync(error.Message);
        }

        await Console.Error.WriteLineAsync($"raftlocks-node {command.Name} --help tells more.");
        return ExitCodes.WrongSettings;
    }
}
