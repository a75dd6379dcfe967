// What should never happen, happens: whatever ends the client's work is caught and told, and the client goes on or
// fails at once.
using RaftLocks.Client.Tests.Scripted;
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Client.Tests;

public class DefectTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_failure_while_connecting_is_followed_by_another_attempt()
    {
        await using var client = new ScriptedClient();
        client.Refuse(new NotSupportedException("a scheme that nobody knows"));
        var asking = client.Locks.AcquireAsync(Write("a"));
        await client.PassUntilAsync("it has tried", TimeSpan.FromMilliseconds(10), () => client.Asked.Count >= 2);
        Assert.Contains("a scheme that nobody knows", client.Locks.LastProblem, StringComparison.Ordinal);
        client.Refuse(null);

        var wire = await client.AcceptReadyAsync();
        await wire.GrantAsync(1);

        Assert.False((await asking.WaitAsync(Bound)).IsLost);
    }

    [Fact]
    public async Task A_failure_while_reading_costs_the_connection_and_no_lock()
    {
        await using var client = new ScriptedClient();
        var (wire, held) = await HoldAsync(client);
        wire.Fail(new InvalidCastException("a defect"));

        var next = await client.AcceptAsync();
        next.SayResumed(("1", "acquired", 7, "1"));
        await next.IsReadAsync();

        Assert.False(held.IsLost);
        Assert.True(client.Locks.IsConnected);
        Assert.True(wire.IsAborted);
    }

    [Fact]
    public async Task A_failure_while_sending_costs_the_connection_and_no_lock()
    {
        await using var client = new ScriptedClient();
        var (wire, held) = await HoldAsync(client);
        wire.SendFails = new InvalidOperationException("a defect");
        var asking = client.Locks.AcquireAsync(Write("b"));

        var next = await client.AcceptAsync();
        next.SayResumed(("1", "acquired", 7, "1"));
        await next.GrantAsync(8);

        Assert.False((await asking.WaitAsync(Bound)).IsLost);
        Assert.False(held.IsLost);
    }

    [Fact]
    public async Task What_fails_again_and_again_ends_the_client_which_then_fails_at_once()
    {
        await using var client = new ScriptedClient();
        client.Refuse(new InvalidCastException("a defect"));
        var asking = client.Locks.AcquireAsync(Write("a"));

        await client.PassUntilAsync("it gives up", TimeSpan.FromMilliseconds(10), () => asking.IsCompleted);

        var failed = await Assert.ThrowsAsync<LockRefusedException>(() => asking);
        Assert.Equal(RefusalReason.ClientFailed, failed.Reason);
        Assert.Contains("a defect", failed.Message, StringComparison.Ordinal);
        Assert.False(client.Locks.IsConnected);
        var next = client.Locks.AcquireAsync(Write("b"));
        Assert.True(next.IsFaulted);
        Assert.Same(failed, (await Assert.ThrowsAsync<LockRefusedException>(() => next)));
    }

    [Fact]
    public async Task A_client_that_ends_by_a_defect_loses_its_locks_and_says_so()
    {
        await using var client = new ScriptedClient();
        var (wire, held) = await HoldAsync(client);
        client.Refuse(new InvalidCastException("a defect"));
        wire.Close();

        await client.PassUntilAsync("it gives up", TimeSpan.FromMilliseconds(10), () => held.IsLost);

        Assert.Equal(LockLossCause.ClientFailed, held.LossCause);
        await held.DisposeAsync();
    }

    private static async Task<(ScriptedWire Wire, IHeldLock Held)> HoldAsync(ScriptedClient client)
    {
        var asking = client.Locks.AcquireAsync(Write("a"));
        var wire = await client.AcceptReadyAsync();
        await wire.GrantAsync(7);
        return (wire, await asking);
    }
}
