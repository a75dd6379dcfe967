// One of the nodes is bad: it says what no node of the cluster says, or closes as if this client were to blame. It is
// named, and the others serve.
using RaftLocks.Client.Tests.Scripted;
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Client.Tests;

public class BadNodeTests
{
    private const string Ready = """{"action":"resume","state":"ready"}""";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("""{"action":"resume"}""")]
    [InlineData("""{"action":"resume","state":"ready","channels":"1"}""")]
    [InlineData("""{"action":"resume","state":"ready","channels":-1}""")]
    [InlineData("""{"action":"resume","state":"ready","channels":2000000000}""")]
    [InlineData("""{"action":"resume","state":"ready"} and more""")]
    [InlineData(
        """{"action":"resume","state":"ready","channels":1}""",
        """{"action":"resume","state":"acquired","id":"7"}"""
    )]
    [InlineData(
        """{"action":"resume","state":"ready","channels":1}""",
        """{"channel":"1","action":"resume","state":"acquired"}"""
    )]
    [InlineData(
        """{"action":"resume","state":"ready","channels":1}""",
        """{"channel":"1","action":"resume","state":"acquired","id":"0"}"""
    )]
    [InlineData(
        """{"action":"resume","state":"ready","channels":1}""",
        """{"channel":"1","action":"resume","state":"acquired","id":null}"""
    )]
    [InlineData(
        """{"action":"resume","state":"ready","channels":1}""",
        """{"channel":"1","action":"resume","state":"acquired","id":"7","resources":[{}]}"""
    )]
    [InlineData(
        """{"action":"resume","state":"ready","channels":2}""",
        """{"channel":"1","action":"resume","state":"acquired","id":"7"}""",
        """{"channel":"1","action":"resume","state":"acquired","id":"8"}"""
    )]
    public async Task A_node_whose_resume_can_not_be_true_is_named_and_the_next_one_is_asked(params string[] says)
    {
        await using var client = new ScriptedClient();
        var asking = client.Locks.AcquireAsync(Write("a"));
        var bad = await client.AcceptAsync();
        Array.ForEach(says, bad.Say);

        await ServesAsync(client, bad, asking);
        Assert.True(bad.HeardNothing);
    }

    [Theory]
    [InlineData("""{"channel":"1","action":"lock","state":"acquired","id":5}""")]
    [InlineData("""{"channel":"1","action":"lock","state":"acquired","id":"-5"}""")]
    [InlineData("""{"channel":"1","action":"lock","state":"acquired","id":"0"}""")]
    [InlineData("""{"channel":"1","action":"lock","state":"acquired","id":"99999999999999999999999999"}""")]
    [InlineData("""{"channel":"1","action":"lock","state":"acquired","id":null}""")]
    [InlineData("""{"channel":"1","action":"lock","state":"acquired"}""")]
    [InlineData("""{"channel":"1","action":"lock","state":"enqueued"}""")]
    [InlineData("""{"channel":"1","action":"lock","state":"granted","id":"5"}""")]
    [InlineData("""{"channel":"1","action":"lock","id":"5"}""")]
    [InlineData("""{"channel":1,"action":"lock","state":"acquired","id":"5"}""")]
    [InlineData("""{"channel":"2","action":"lock","state":"acquired","id":"5"}""")]
    [InlineData("""{"action":"lock","state":"acquired","id":"5"}""")]
    [InlineData("""{"channel":"1","action":"lock","state":"ready","reason":"busy"}""")]
    [InlineData("""{"channel":"1","action":"lock","state":"ready","reason":"timeout","id":"5"}""")]
    [InlineData("""{"channel":"1","action":"downgrade","state":"acquired","id":"5"}""")]
    [InlineData("""{"channel":"1","action":"resume","state":"ready"}""")]
    public async Task A_node_whose_answer_can_not_be_true_grants_nothing_and_the_next_one_is_asked(string says)
    {
        await using var client = new ScriptedClient();
        var asking = client.Locks.AcquireAsync(Write("a"));
        var bad = await client.AcceptReadyAsync();
        await bad.HearAsync("lock");
        bad.Say(says);

        await ServesAsync(client, bad, asking);
    }

    [Theory]
    [InlineData("""{"channel":"1","action":"lock","state":"acquired","id":"6"}""")]
    [InlineData("""{"channel":"1","action":"progress","state":"enqueued","id":"5","place":-1}""")]
    [InlineData("""{"channel":"1","action":"progress","id":"5","place":1,"blocker":{"sinceMs":9223372036854775807}}""")]
    [InlineData("""{"channel":"1","action":"progress","state":"enqueued","id":"5","place":1,"blocker":7}""")]
    [InlineData("""{"channel":"1","action":"revoke","state":"ready","id":"6","reason":"now"}""")]
    public async Task A_node_that_contradicts_itself_costs_a_place_in_line_and_not_the_request(string says)
    {
        await using var client = new ScriptedClient();
        var asking = client.Locks.AcquireAsync(Write("a"));
        var bad = await client.AcceptReadyAsync();
        await bad.HearAsync("lock");
        bad.Say(ScriptedWire.Reply("1", 5, "lock", "enqueued"));
        bad.Say(says);

        await ServesAsync(client, bad, asking);
    }

    [Theory]
    [InlineData("""{"channel":"1","action":"lock","state":"acquired","id":"8"}""")]
    [InlineData("""{"channel":"1","action":"revoke","state":"ready","id":"8","reason":"now"}""")]
    [InlineData("""{"channel":"1","action":"revoke","state":"acquired","id":"7","reason":"now"}""")]
    [InlineData("""{"channel":"1","action":"revoke","state":"acquired","id":"7","reason":"now","graceMs":-1}""")]
    [InlineData("""{"channel":"1","action":"revoke","state":"acquired","id":"7","graceMs":9223372036854775807}""")]
    [InlineData("""{"channel":"1","action":"downgrade","state":"acquired","id":"7"}""")]
    [InlineData("""{"channel":"2","action":"lock","state":"acquired","id":"9"}""")]
    public async Task A_node_that_says_what_can_not_be_true_costs_no_lock_that_is_held(string says)
    {
        await using var client = new ScriptedClient();
        var asking = client.Locks.AcquireAsync(Write("a"));
        var wire = await client.AcceptReadyAsync();
        await wire.GrantAsync(7);
        var held = await asking.WaitAsync(Bound);
        wire.Say(says);

        var next = await client.AcceptAsync();
        next.SayResumed(("1", "acquired", 7, "1"));
        await next.IsReadAsync();
        Assert.False(held.IsLost);
        Assert.Equal(LockType.Write, held.Resources[0].Type);
        Assert.Contains(wire.Node.ToString(), client.Locks.LastProblem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_id_that_is_not_greater_than_those_before_it_is_nobody_s_token()
    {
        await using var client = new ScriptedClient();
        var first = client.Locks.AcquireAsync(Write("a"));
        var bad = await client.AcceptReadyAsync();
        await bad.GrantAsync(7);
        await first.WaitAsync(Bound);
        var second = client.Locks.AcquireAsync(Write("b"));
        await bad.GrantAsync(7);

        var next = await client.AcceptAsync();
        next.SayResumed(("1", "acquired", 7, "1"));
        await next.GrantAsync(8);
        Assert.Equal(8UL, (await second.WaitAsync(Bound)).FencingToken);
    }

    // 1007, 1009 and 3000 blame what was sent, 1013 a limit, 3001 another user of the session, 3002 an operator; the
    // others are the node's own matter.
    [Theory]
    [InlineData(1000, false)]
    [InlineData(1001, false)]
    [InlineData(1002, false)]
    [InlineData(1007, false)]
    [InlineData(1009, false)]
    [InlineData(1011, false)]
    [InlineData(1012, false)]
    [InlineData(1013, false)]
    [InlineData(3000, false)]
    [InlineData(3001, false)]
    [InlineData(3002, false)]
    [InlineData(4999, false)]
    [InlineData(1007, true)]
    [InlineData(1009, true)]
    [InlineData(1013, true)]
    [InlineData(3000, true)]
    [InlineData(3001, true)]
    public async Task Whatever_code_a_bad_node_closes_with_a_good_node_beside_it_serves(int code, bool afterResume)
    {
        await using var client = new ScriptedClient();
        var asking = client.Locks.AcquireAsync(Write("a"));
        var bad = await client.AcceptAsync();
        bad.AnswersPings = false;
        if (afterResume)
        {
            bad.Say(Ready);
            await bad.HearAsync("lock");
        }

        bad.Close(code, "another product's words");

        await ServesAsync(client, bad, asking);
    }

    [Theory]
    [InlineData(3000)]
    [InlineData(3001)]
    [InlineData(1013)]
    public async Task A_bad_node_that_comes_after_a_good_one_costs_no_lock_that_is_held_and_no_downgrade(int code)
    {
        await using var client = new ScriptedClient();
        var asking = client.Locks.AcquireAsync(Write("a"));
        var good = await client.AcceptReadyAsync();
        await good.GrantAsync(7);
        var held = await asking.WaitAsync(Bound);
        good.Close(1012, "no longer leads");
        var downgrading = held.DowngradeAsync();
        var bad = await client.AcceptAsync();
        bad.Close(code, "another product's words");

        var next = await client.AcceptAsync();
        next.SayResumed(("1", "acquired", 7, "1"));
        await next.HearAsync("downgrade");
        next.Say(ScriptedWire.Reply("1", 7, "downgrade", "acquired"));
        await downgrading.WaitAsync(Bound);
        Assert.False(held.IsLost);
    }

    private static async Task ServesAsync(ScriptedClient client, ScriptedWire bad, Task<IHeldLock> asking)
    {
        var good = await client.AcceptReadyAsync();
        Assert.NotEqual(bad.Node, good.Node);
        await good.GrantAsync(9);
        Assert.Equal(9UL, (await asking.WaitAsync(Bound)).FencingToken);
        Assert.Contains(bad.Node.ToString(), client.Locks.LastProblem, StringComparison.Ordinal);
    }
}
