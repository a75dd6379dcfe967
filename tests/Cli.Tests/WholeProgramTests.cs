// A command that holds a lock for long needs its own file no more.
using RaftLocks.Cli.Shared;

namespace RaftLocks.Cli.Tests;

public class WholeProgramTests
{
    [Fact]
    public void Whatever_the_client_refers_to_is_in_memory_afterwards()
    {
        Assert.NotEqual(0, WholeProgram.Load());

        var loaded = AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetName().Name).ToHashSet();
        Assert.All(
            typeof(Client.RaftLocksClient).Assembly.GetReferencedAssemblies(),
            name => Assert.Contains(name.Name, loaded)
        );
    }
}
