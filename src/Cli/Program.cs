// The command line of RaftLocks.
using RaftLocks.Cli;

return await App.RunAsync(args, Terminal.OfProcess);
