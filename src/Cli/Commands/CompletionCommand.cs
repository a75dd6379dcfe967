// "raftlocks completion": a script for the shell, which asks this very program what may come next.
using System.CommandLine;
using RaftLocks.Cli.Shared;

namespace RaftLocks.Cli.Commands;

internal static class CompletionCommand
{
    private const string Bash = """
        # raftlocks completion for bash: source <(raftlocks completion bash)
        _raftlocks() {
          local IFS=$'\n'
          COMPREPLY=($(compgen -W "$(raftlocks "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _raftlocks raftlocks
        """;

    private const string Zsh = """
        #compdef raftlocks
        # raftlocks completion for zsh: source <(raftlocks completion zsh), after compinit; or a file _raftlocks in the fpath.
        _raftlocks() {
          local line="${(j: :)words[1,CURRENT-1]} ${PREFIX}"
          local -a suggestions
          suggestions=("${(@f)$(raftlocks "[suggest:${#line}]" "${line}" 2>/dev/null)}")
          compadd -a suggestions || _files
        }
        if [[ $funcstack[1] == _raftlocks ]]; then _raftlocks; else compdef _raftlocks raftlocks; fi
        """;

    private const string Description = """
        Prints a script that lets your shell complete commands and options.

        Examples:
          source <(raftlocks completion bash)
          source <(raftlocks completion zsh)
          raftlocks completion zsh > ~/.zsh/_raftlocks      (with ~/.zsh in the fpath)
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
