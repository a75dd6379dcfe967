// The manual pages and the completion have every command and every option that the help has.
using System.CommandLine;
using RaftLocks.Cli.Commands;
using RaftLocks.Cli.Manual;

namespace RaftLocks.Cli.Tests;

public class ManualTests
{
    private static readonly RootCommand Root = App.Root(
        new Terminal(TextWriter.Null, TextWriter.Null, TextReader.Null, IsInteractive: false)
    );

    public static TheoryData<string> AllCommands => [.. Beneath(Root, "raftlocks").Select(found => found.Called)];

    [Theory]
    [MemberData(nameof(AllCommands))]
    public void Each_command_has_a_page_with_all_that_it_takes(string called)
    {
        var command = Beneath(Root, "raftlocks").Single(found => found.Called == called).Command;
        var page = Assert.Single(
            ManualCommand.Pages(Root, "raftlocks"),
            page => page.FileName == called.Replace(' ', '-') + ".1"
        );

        var text = page.Write("1.2.3");

        Assert.StartsWith(".TH ", text, StringComparison.Ordinal);
        Assert.Contains("RaftLocks 1.2.3", text, StringComparison.Ordinal);
        Assert.All(
            command
                .Options.Where(ManualPage.IsShown)
                .Select(option => option.Name)
                .Concat(command.Arguments.Select(argument => argument.Name))
                .Concat(command.Subcommands.Where(ManualPage.IsShown).Select(child => child.Name)),
            name => Assert.Contains(name, text.Replace("\\-", "-", StringComparison.Ordinal), StringComparison.Ordinal)
        );
    }

    [Theory]
    [MemberData(nameof(AllCommands))]
    public async Task The_completion_knows_each_command(string called)
    {
        var command = Beneath(Root, "raftlocks").Single(found => found.Called == called).Command;
        var line = called + " ";

        var suggested = (await Commands.RunAsync("", $"[suggest:{line.Length}]", line)).Out.Split(
            '\n',
            StringSplitOptions.TrimEntries
        );

        Assert.All(
            command
                .Subcommands.Where(ManualPage.IsShown)
                .Select(child => child.Name)
                .Concat(command.Options.Where(ManualPage.IsShown).Select(option => option.Name)),
            name => Assert.Contains(name, suggested)
        );
    }

    [Fact]
    public async Task The_pages_are_written_into_a_folder_that_is_made()
    {
        var folder = Directory.CreateTempSubdirectory("raftlocks-");
        try
        {
            var pages = Path.Combine(folder.FullName, "pages");

            Assert.Equal(0, (await Commands.RunAsync("", "manual", pages)).Code);

            Assert.Equal(AllCommands.Count, Directory.GetFiles(pages, "*.1").Length);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void What_would_be_a_request_of_the_formatter_is_text()
    {
        var command = new Command("x", "One.\n\n.hidden\n'quoted\na\\b");

        var page = new ManualPage(command, "x", 1, "Examples:\n  .x").Write("1");

        Assert.Contains("\n\\&.hidden\n\\&'quoted\na\\eb\n", page, StringComparison.Ordinal);
        Assert.Contains("\n\\&.x\n", page, StringComparison.Ordinal);
    }

    private static IEnumerable<(string Called, Command Command)> Beneath(Command command, string called) =>
        command
            .Subcommands.Where(ManualPage.IsShown)
            .SelectMany(child => Beneath(child, $"{called} {child.Name}"))
            .Prepend((called, command));
}
