// A limit that is reached refuses the call that reached it, with a reason, and leaves the other locks alone.
using RaftLocks.Client.Tests.Scripted;
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Client.Tests;

public class LimitTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("channels", RefusalReason.TooManyChannels)]
    [InlineData("waiting", RefusalReason.TooManyWaiting)]
    [InlineData("live", RefusalReason.TooManyLive)]
    [InlineData("namespaces", RefusalReason.TooManyNamespaces)]
    [InlineData("memory", RefusalReason.TooMuchMemory)]
    [InlineData("request-memory", RefusalReason.RequestTooLarge)]
    [InlineData("feature-level", RefusalReason.NotSupportedYet)]
    [InlineData("something new", RefusalReason.Unknown)]
    public async Task A_limit_refused_by_message_is_that_call_s_matter_only(string limit, RefusalReason reason)
    {
        await using var client = new ScriptedClient();
        var (wire, held) = await HoldAsync(client);
        var asking = client.Locks.AcquireAsync(Write("b"));
        await wire.HearAsync("lock");
        wire.Say(
            $$"""{"channel":"2","action":"lock","state":"ready","reason":"limit","limit":"{{limit}}","message":"try again later"}"""
        );

        var refused = await Assert.ThrowsAsync<LockRefusedException>(() => asking.WaitAsync(Bound));

        Assert.Equal(reason, refused.Reason);
        Assert.Contains("try again later", refused.Message, StringComparison.Ordinal);
        Assert.False(held.IsLost);
        Assert.True(client.Locks.IsConnected);
        var next = client.Locks.AcquireAsync(Write("c"));
        Assert.Equal("2", await wire.GrantAsync(9));
        await next;
    }

    [Fact]
    public async Task A_try_is_refused_by_a_limit_with_an_exception_too_not_with_null()
    {
        await using var client = new ScriptedClient();
        var (wire, _) = await HoldAsync(client);
        var trying = client.Locks.TryAcquireAsync(Write("b"));
        await wire.HearAsync("lock");
        wire.Say("""{"channel":"2","action":"lock","state":"ready","reason":"limit","limit":"live"}""");

        Assert.Equal(
            RefusalReason.TooManyLive,
            (await Assert.ThrowsAsync<LockRefusedException>(() => trying.WaitAsync(Bound))).Reason
        );
    }

    [Fact]
    public async Task A_call_that_was_given_up_meanwhile_is_not_given_back_twice()
    {
        await using var client = new ScriptedClient();
        var (wire, _) = await HoldAsync(client);
        using var cancel = new CancellationTokenSource();
        var asking = client.Locks.AcquireAsync([Write("b")], cancel.Token);
        await wire.HearAsync("lock");
        await cancel.CancelAsync();
        wire.Say("""{"channel":"2","action":"lock","state":"ready","reason":"limit","limit":"live"}""");
        await wire.IsReadAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        Assert.True(wire.HeardNothing);
    }

    [Theory]
    [InlineData(
        "too many requests wait in this namespace (--max-waiting-per-namespace): try again later",
        RefusalReason.TooManyWaiting
    )]
    [InlineData(
        "too many channels of this connection are in use (--max-channels): release on some",
        RefusalReason.TooManyChannels
    )]
    [InlineData(
        "too many locks are held or awaited on this server (--max-live-requests): try again later",
        RefusalReason.TooManyLive
    )]
    [InlineData(
        "all locks on this server take too much memory (--max-live-mb): try again later",
        RefusalReason.TooMuchMemory
    )]
    [InlineData(
        "this lock would take too much memory (--max-request-kb): lock fewer or shorter paths",
        RefusalReason.RequestTooLarge
    )]
    [InlineData(
        "this namespace would be one too many (--max-namespaces): use one that exists",
        RefusalReason.TooManyNamespaces
    )]
    [InlineData("not all nodes of this cluster are new enough for this yet", RefusalReason.NotSupportedYet)]
    public async Task An_older_node_that_closes_because_of_a_limit_costs_the_first_unanswered_call_and_no_other(
        string sentence,
        RefusalReason reason
    )
    {
        await using var client = new ScriptedClient();
        var (wire, held) = await HoldAsync(client);
        var refusedOne = client.Locks.AcquireAsync(Write("b"));
        var innocent = client.Locks.AcquireAsync(Write("c"));
        await wire.HearAsync("lock");
        await wire.HearAsync("lock");
        wire.Close(1013, sentence);

        Assert.Equal(
            reason,
            (await Assert.ThrowsAsync<LockRefusedException>(() => refusedOne.WaitAsync(Bound))).Reason
        );
        var next = await client.AcceptAsync();
        next.SayResumed(("1", "acquired", 7, "1"));
        Assert.Equal("3", await next.GrantAsync(9));
        await innocent.WaitAsync(Bound);
        Assert.False(held.IsLost);
    }

    [Fact]
    public async Task A_close_that_names_no_limit_of_the_cluster_costs_a_call_only_when_every_address_has_closed_so()
    {
        await using var client = new ScriptedClient();
        var asking = client.Locks.AcquireAsync(Write("a"));
        var one = await client.AcceptReadyAsync();
        await one.HearAsync("lock");
        one.Close(1013, "something else");
        var other = await client.AcceptReadyAsync();
        await other.HearAsync("lock");
        Assert.False(asking.IsCompleted);
        other.Close(1013, "something else");

        Assert.Equal(
            RefusalReason.Unknown,
            (await Assert.ThrowsAsync<LockRefusedException>(() => asking.WaitAsync(Bound))).Reason
        );
    }

    private static async Task<(ScriptedWire Wire, IHeldLock Held)> HoldAsync(ScriptedClient client)
    {
        var asking = client.Locks.AcquireAsync(Write("a"));
        var wire = await client.AcceptReadyAsync();
        await wire.GrantAsync(7);
        return (wire, await asking);
    }
}
