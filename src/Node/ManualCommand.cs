// "raftlocks-node manual": the manual pages of the node and its completion for bash, for whoever makes a package. Both
// are made of what the command line says of itself.
using System.CommandLine;
using RaftLocks.Cli.Manual;
using RaftLocks.Node.Backup;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;

namespace RaftLocks.Node;

/// <summary>The subcommand that writes the manual.</summary>
internal static class ManualCommand
{
    /// <summary>The first argument that calls it.</summary>
    public const string Name = "manual";

    private const string Program = "raftlocks-node";
    private const int Section = 8;

    /// <summary>Runs it; the exit code is 0 if all was written.</summary>
    public static Task<int> RunAsync(string[] arguments)
    {
        var folder = new Argument<string>("FOLDER") { Description = "where the files are written" };
        var command = new Command(Name, "Writes the manual pages and the completion for bash into a folder.")
        {
            folder,
        };
        command.SetAction(parsed => Write(parsed.GetRequiredValue(folder)));
        return Subcommand.RunAsync(command, arguments);
    }

    /// <summary>The pages of the node and of its subcommands.</summary>
    public static IReadOnlyList<ManualPage> Pages()
    {
        var snapshot = SnapshotCommand.Make();
        return
        [
            new ManualPage(CommandLine.Root(), Program, Section, CommandLine.Details),
            new ManualPage(snapshot, $"{Program} {snapshot.Name}", Section, details: ""),
            .. snapshot.Subcommands.Select(inner => new ManualPage(
                inner,
                $"{Program} {snapshot.Name} {inner.Name}",
                Section,
                details: ""
            )),
        ];
    }

    /// <summary>A script that lets bash complete the node's options. It starts no runtime.</summary>
    public static string Completion() =>
        $$"""
            # raftlocks-node completion for bash
            _raftlocks_node() {
              COMPREPLY=()
              if [[ "$2" == -* || $COMP_CWORD == 1 ]]; then
                COMPREPLY=($(compgen -W "{{string.Join(' ', Words())}}" -- "$2"))
              fi
            }
            complete -o default -F _raftlocks_node raftlocks-node

            """.ReplaceLineEndings("\n");

    private static IEnumerable<string> Words() =>
        CommandLine
            .Root()
            .Options.Where(option => !option.Hidden)
            .Select(option => option.Name)
            .Concat([HealthCheckCommand.Name, SnapshotCommand.Name]);

    private static int Write(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var page in Pages())
        {
            File.WriteAllText(Path.Combine(folder, page.FileName), page.Write(ProductVersion.Text));
        }

        File.WriteAllText(Path.Combine(folder, $"{Program}.bash"), Completion());
        return ExitCodes.Ended;
    }
}
