// A command whose list entry is one line, while its own help tells the rest: details, examples, exit codes.
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace RaftLocks.Cli.Shared;

/// <summary>A command with a long description; its first paragraph is shown in lists.</summary>
internal sealed class DescribedCommand : Command
{
    public DescribedCommand(string name, string description)
        : base(name, description.Split("\n\n", 2)[0].Replace('\n', ' '))
    {
        var parts = description.Split("\n\n", 2);
        Details = parts.Length > 1 ? parts[1] : "";
    }

    /// <summary>What its own help says beyond the first paragraph.</summary>
    public string Details { get; }

    /// <summary>Adds options that several commands share.</summary>
    public DescribedCommand With(params ReadOnlySpan<Option> options)
    {
        foreach (var option in options)
        {
            Add(option);
        }

        return this;
    }

    /// <summary>Lets the help of a root command and of all beneath it end with the details.</summary>
    public static void Explain(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new LongHelp((SynchronousCommandLineAction)help.Action!);
    }

    private sealed class LongHelp(SynchronousCommandLineAction shortHelp) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var code = shortHelp.Invoke(parseResult);
            if (parseResult.CommandResult.Command is DescribedCommand { Details.Length: > 0 } described)
            {
                parseResult.InvocationConfiguration.Output.WriteLine(described.Details);
                parseResult.InvocationConfiguration.Output.WriteLine();
            }

            return code;
        }
    }
}
