// The command line of RaftLocks. The same program is its own guard (src/Cli/Guard).
using RaftLocks.Cli;
using RaftLocks.Cli.Guard;
using RaftLocks.Cli.Shared;
using RaftLocks.Ledger;

if (args is [GuardProtocol.Mode, ..] && args.Length == GuardProgram.ArgumentCount && OperatingSystem.IsLinux())
{
    return GuardProgram.Run(args);
}

var terminal = Terminal.OfProcess();
AppDomain.CurrentDomain.UnhandledException += (_, problem) =>
{
    // On a thread of its own, where nobody could catch it.
    terminal.Error.WriteLine(
        $"raftlocks: {PrintableText.Of((problem.ExceptionObject as Exception)?.Message ?? "unknown problem")}"
    );
    Environment.Exit(ExitCodes.Failed);
};

// Never disposed of: a signal that was for the command too may be dealt with only now, and would end this process with
// a code of its own.
var signals = new Signals();
var code = await App.RunAsync(args, terminal, signals);
signals.Finish();
return code;
