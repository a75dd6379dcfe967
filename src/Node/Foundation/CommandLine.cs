// The command line, and the way from all sources to checked settings. --help and --version are answered here.
using System.Collections;
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace RaftLocks.Node.Foundation;

/// <summary>The outcome of reading the settings: settings, or an exit code.</summary>
/// <param name="Settings">Null when the process is to end.</param>
/// <param name="ExitCode">The exit code if it ends.</param>
/// <param name="Warnings">Warnings for the log.</param>
internal sealed record ParsedSettings(NodeSettings? Settings, int ExitCode, IReadOnlyList<string> Warnings)
{
    /// <summary>The values that were given, by setting.</summary>
    public IReadOnlyDictionary<Setting, SettingValue> Given { get; init; } = new Dictionary<Setting, SettingValue>();
}

/// <summary>Reads the settings of a node.</summary>
internal static class CommandLine
{
    /// <summary>What the help says beyond the settings.</summary>
    public const string Details = """
        Examples:
          raftlocks-node
              One node on http://127.0.0.1:9009, data in ./raftlocks-data.
          raftlocks-node --listen http://*:9009 --data /var/lib/raftlocks
              One node for the whole network.
          raftlocks-node --name n1 --data /var/lib/raftlocks \
            --member n1,10.0.0.1:7009,http://10.0.0.1:9009 \
            --member n2,10.0.0.2:7009,http://10.0.0.2:9009 \
            --member n3,10.0.0.3:7009,http://10.0.0.3:9009 \
            --raft-tls-cert n1.crt --raft-tls-key n1.key --raft-tls-ca ca.crt
              The first of three; the others alike, with --name n2 and --name n3.

        Every setting can also be given by environment variable (RAFTLOCKS_NAME, RAFTLOCKS_FOLLOWER_MODE, …; several
        members or addresses separated by ';') or in the section "RaftLocks" of appsettings.json (Name, FollowerMode,
        Members: […]). The command line wins over the environment, the environment over the file.

        Other commands, each with a --help of its own:
          raftlocks-node healthcheck [URL]        whether a node is ready
          raftlocks-node snapshot restore FILE    a new cluster of a saved state
        All else that an operator does (members, backups, proving a journal) is raftlocks, the command line.

        Exit codes: 0 asked to end; 1 could not start (port or data folder); 2 wrong settings;
          70 halted: the data is damaged or the log can't be applied, starting again won't help;
          71 halted: what this node knows as committed is not what the others have, keep its data folder and compare the nodes;
          72 the data was written by a newer version, nothing was changed: start that version;
          74 halted: the disk is full, read-only or failing, start it again when it is well;
          75 halted: out of memory, open files or threads, start it again.
        """;

    /// <summary>Reads command line, environment and configuration, and says what is wrong.</summary>
    public static ParsedSettings Read(
        string[] arguments,
        IDictionary environment,
        IConfiguration configuration,
        TextWriter output,
        TextWriter error
    )
    {
        var options = Setting.All.ToDictionary(setting => setting, ToOption);
        var root = Root(options.Values);
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is HelpWithExamples or not null && parsed.Errors.Count == 0)
        {
            return new ParsedSettings(
                null,
                parsed.Invoke(new InvocationConfiguration { Output = output, Error = error }),
                []
            );
        }

        var sources = new SettingSources().Add(configuration).Add(environment);
        foreach (var (setting, option) in options)
        {
            if (parsed.GetResult(option) is { Implicit: false } given)
            {
                sources.Add(setting, given.Tokens.Select(token => token.Value));
            }
        }

        sources.Errors.InsertRange(0, parsed.Errors.Select(problem => problem.Message));
        var settings = new SettingsCheck(sources).Check();
        if (settings is null)
        {
            Tell(error, sources.Errors);
        }

        return new ParsedSettings(
            settings,
            settings is null ? ExitCodes.WrongSettings : ExitCodes.Ended,
            sources.Warnings
        )
        {
            Given = sources.Given,
        };
    }

    /// <summary>The command line with all settings as options.</summary>
    public static RootCommand Root() => Root(Setting.All.Select(ToOption));

    private static RootCommand Root(IEnumerable<Option> options)
    {
        var root = new RootCommand("A fault-tolerant lock service: locks over WebSocket, replicated by Raft.");
        foreach (var option in options)
        {
            root.Options.Add(option);
        }

        return root;
    }

    private static void Tell(TextWriter error, List<string> problems)
    {
        error.WriteLine(
            problems.Count == 1
                ? "The node can't start with this setting:"
                : $"The node can't start, {problems.Count} settings are wrong:"
        );
        foreach (var problem in problems)
        {
            error.WriteLine("  " + problem);
        }

        error.WriteLine("raftlocks-node --help tells all settings.");
    }

    private static Option<string[]> ToOption(Setting setting) =>
        new(setting.Option)
        {
            Description = setting.Description,
            HelpName = setting.ValueName ?? "true|false",
            Arity = setting.ValueName is null ? ArgumentArity.ZeroOrMore : ArgumentArity.OneOrMore,
        };

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var code = help.Invoke(parseResult);
            parseResult.InvocationConfiguration.Output.WriteLine(Details);
            return code;
        }
    }
}
