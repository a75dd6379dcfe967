// What the state machine costs. `--quick` measures all of it in under a minute with its own timing and fails when a
// promise is broken; anything else goes to BenchmarkDotNet (`--filter '*'` for all).
using BenchmarkDotNet.Running;

namespace RaftLocks.Micro;

internal static class Program
{
    private static int Main(string[] args)
    {
        if (args is ["--quick"])
        {
            return QuickRun.Run();
        }

        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
    }
}
