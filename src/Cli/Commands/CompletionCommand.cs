// "raftlocks completion": a script for the shell, which asks this very program what may come next.
using System.CommandLine;
using RaftLocks.Cli.Shared;

namespace RaftLocks.Cli.Commands;

internal static class CompletionCommand
{
    private const string Bash =
        """
        # raftlocks completion for bash: source <(raftlocks completion bash)
        _raftlocks() {
          local IFS=$'\n'
          COMPREPLY=($(raftlocks "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null))
        }
        complete -o default -F _raftlocks raftlocks
        """;

    private const string Zsh =
        """
        #compdef raftlocks
        # raftlocks completion for zsh: source <(raftlocks completion zsh)
        _raftlocks() {
          local -a suggestions
          suggestions=("${(@f)$(raftlocks "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
          compadd -a suggestions
        }
        compdef _raftlocks raftlocks
        """;

    private const string Description =
        """
        Prints a script that lets your shell complete commands and options.

        Examples:
          source <(raftlocks completion bash)
          raftlocks completion zsh > ~/.zsh/_raftlocks
        """;

    public static Command Make(Terminal terminal)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash or zsh" };
        shell.AcceptOnlyFromAmong("bash", "zsh");
        var command = new DescribedCommand("completion", Description) { shell };
        command.SetAction(parsed => terminal.Out.WriteLine(parsed.GetValue(shell) == "bash" ? Bash : Zsh));
        return command;
    }
}
