// A request that finds no memory ends the node, and no other failure of a request does.
using Microsoft.AspNetCore.Http;
using RaftLocks.Node.Http;

namespace RaftLocks.Node.Tests.Http;

public class MemoryGuardTests
{
    [Fact]
    public async Task A_request_that_finds_no_memory_ends_the_node()
    {
        var wanting = new InsufficientMemoryException();
        Assert.Equal([wanting], await EndsOfAsync(wanting));
    }

    [Fact]
    public async Task A_request_that_fails_otherwise_ends_nothing_but_itself()
    {
        Assert.Empty(await EndsOfAsync(new InvalidOperationException()));
        Assert.Empty(await EndsOfAsync(new IOException()));
    }

    private static async Task<List<Exception>> EndsOfAsync(Exception failure)
    {
        var ends = new List<Exception>();
        var guard = MemoryGuard.Make(ends.Add);
        var thrown = await Assert.ThrowsAnyAsync<Exception>(() =>
            guard(new DefaultHttpContext(), _ => Task.FromException(failure))
        );
        Assert.Same(failure, thrown);
        return ends;
    }
}
