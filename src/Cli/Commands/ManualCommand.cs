// "raftlocks manual": the manual pages of all commands, for whoever makes a package. Not listed in the help.
using System.CommandLine;
using System.Reflection;
using RaftLocks.Cli.Manual;
using RaftLocks.Cli.Shared;

namespace RaftLocks.Cli.Commands;

internal static class ManualCommand
{
    private const int Section = 1;

    private const string Description = """
        Writes the manual pages of all commands into a folder.

        Examples:
          raftlocks manual pages && man -l pages/raftlocks-run.1
        """;

    public static Command Make(Terminal terminal)
    {
        var folder = new Argument<string>("FOLDER")
        {
            Description = "Where the pages are written; it is made if need be",
        };
        var command = new DescribedCommand("manual", Description) { folder };
        command.Hidden = true;
        command.SetAction(async parsed =>
        {
            var into = parsed.GetRequiredValue(folder);
            Directory.CreateDirectory(into);
            var pages = Pages(parsed.RootCommandResult.Command, "raftlocks").ToList();
            foreach (var page in pages)
            {
                await File.WriteAllTextAsync(Path.Combine(into, page.FileName), page.Write(Version()));
            }

            await terminal.Out.WriteLineAsync($"{into}: {pages.Count} pages");
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>The pages of a command and of all beneath it.</summary>
    public static IEnumerable<ManualPage> Pages(Command command, string called) =>
        command
            .Subcommands.Where(ManualPage.IsShown)
            .SelectMany(child => Pages(child, $"{called} {child.Name}"))
            .Prepend(new ManualPage(command, called, Section, (command as DescribedCommand)?.Details ?? ""));

    private static string Version() =>
        typeof(ManualCommand)
            .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion.Split('+')[0]
        ?? "";
}
