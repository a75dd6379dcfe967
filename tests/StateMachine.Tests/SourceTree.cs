// Where the sources of the state machine and of these tests lie: some tests read or compile them.
using System.Reflection;

namespace RaftLocks.StateMachine.Tests;

internal static class SourceTree
{
    public static string StateMachine => Metadata("StateMachineSource");

    public static string Tests => Metadata("TestSource");

    private static string Metadata(string key) =>
        typeof(SourceTree).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
