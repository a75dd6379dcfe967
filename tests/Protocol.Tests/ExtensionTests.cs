// What is understood and said beyond protocol v1: fields, actions, notices. A message without them is read as ever.
using System.Text;
using System.Text.Json.Nodes;

namespace RaftLocks.Protocol.Tests;

public class ExtensionTests
{
    private const string Resources = "\"resources\":[{\"type\":\"w\",\"path\":[\"a\",\"b\"]}]";

    [Fact]
    public void All_fields_of_a_lock_in_any_order()
    {
        string[] fields =
        [
            "\"action\":\"lock\"",
            Resources,
            "\"channel\":\"x\\u00e9\"",
            "\"ref\":\"r1\"",
            "\"label\":\"build-7\"",
            "\"waitTimeoutMs\":5000",
        ];
        for (var seed = 0; seed < 100; seed++)
        {
            new Random(seed).Shuffle(fields);
            var message = Parsing.Accept($"{{{string.Join(',', fields)}}}");

            Assert.Equal(ClientAction.Lock, message.Action);
            Assert.Equal(["write a|b"], Parsing.Plain(message));
            Assert.Equal(
                ("xé", "r1", "build-7", 5000L, true),
                (Text(message.Channel), Text(message.Ref), Text(message.Label), message.WaitTimeoutMs, message.HasLabel)
            );
        }
    }

    [Fact]
    public void A_plain_message_has_none_of_them_even_after_one_that_had_all()
    {
        var parser = new MessageParser(new MessageLimits());
        var message = new ClientMessage();
        Assert.Null(
            parser.Parse(
                Encoding.UTF8.GetBytes(
                    $$"""{"action":"lock",{{Resources}},"channel":"x","ref":"r","label":"l","waitTimeoutMs":0}"""
                ),
                message
            )
        );
        Assert.Null(parser.Parse(Encoding.UTF8.GetBytes($$"""{"action":"lock",{{Resources}}}"""), message));

        Assert.True(message.Channel.IsEmpty && message.Ref.IsEmpty && message.Label.IsEmpty && !message.HasLabel);
        Assert.Equal(-1, message.WaitTimeoutMs);
    }

    [Theory]
    [InlineData("downgrade", ClientAction.Downgrade)]
    [InlineData("ping", ClientAction.Ping)]
    public void Actions(string action, ClientAction expected) =>
        Assert.Equal(expected, Parsing.Accept($$"""{"action":"{{action}}"}""").Action);

    [Fact]
    public void A_ping_with_a_mark() => Assert.Equal("17", Text(Parsing.Accept("""{"t":"17","action":"ping"}""").Ref));

    [Theory]
    [InlineData("\"channel\":\"\"", "channel is empty")]
    [InlineData("\"channel\":{\"x\":[1]}", "channel is an object")]
    [InlineData("\"channel\":7", "channel is a number")]
    [InlineData("\"channel\":\"\\ud800\"", "channel has half of a surrogate pair")]
    [InlineData("\"channel\":\"a\",\"channel\":\"a\"", "channel occurs twice")]
    [InlineData(
        "\"channel\":\"12345678901234567890123456789012345678901234567890123456789012345\"",
        "channel is too long: send at most 64"
    )]
    public void A_channel_that_is_none_is_refused_on_any_message(string field, string reason)
    {
        AssertRefused($$"""{"action":"release",{{field}}}""", reason);
        AssertRefused($$"""{{{field}},"action":"lock",{{Resources}}}""", reason);
    }

    [Theory]
    [InlineData("\"ref\":1", "ref is a number")]
    [InlineData("\"ref\":\"\\udc00\"", "ref has half of a surrogate pair")]
    [InlineData("\"ref\":\"a\",\"ref\":\"b\"", "ref occurs twice")]
    [InlineData(
        "\"ref\":\"12345678901234567890123456789012345678901234567890123456789012345\"",
        "ref is too long: send at most 64"
    )]
    [InlineData("\"label\":[\"a\"]", "label is an array")]
    [InlineData("\"label\":\"\",\"label\":\"\"", "label occurs twice")]
    [InlineData("\"waitTimeoutMs\":-1", "waitTimeoutMs is out of range: send a whole number from 0 to 604800000")]
    [InlineData("\"waitTimeoutMs\":604800001", "waitTimeoutMs is out of range")]
    [InlineData("\"waitTimeoutMs\":1.5", "waitTimeoutMs is out of range")]
    [InlineData("\"waitTimeoutMs\":99999999999999999999", "waitTimeoutMs is out of range")]
    [InlineData("\"waitTimeoutMs\":\"5\"", "waitTimeoutMs is a string")]
    [InlineData("\"waitTimeoutMs\":{}", "waitTimeoutMs is an object")]
    [InlineData("\"waitTimeoutMs\":0,\"waitTimeoutMs\":0", "waitTimeoutMs occurs twice")]
    public void A_field_of_a_lock_that_is_none_is_refused_on_a_lock_and_ignored_on_a_release(
        string field,
        string reason
    )
    {
        AssertRefused($$"""{"action":"lock",{{Resources}},{{field}}}""", reason);
        AssertRefused($$"""{{{field}},{{Resources}},"action":"lock"}""", reason);
        Assert.Equal(ClientAction.Release, Parsing.Accept($$"""{"action":"release",{{field}}}""").Action);
    }

    [Theory]
    [InlineData("""{"action":"ping","channel":"x"}""", "send it without \"channel\"")]
    [InlineData("""{"action":"ping","t":1}""", "t is a number")]
    [InlineData("""{"action":"upgrade"}""", "release, then lock anew")]
    public void Other_refusals(string json, string reason) => AssertRefused(json, reason);

    [Fact]
    public void A_label_of_128_bytes_fits_and_129_do_not()
    {
        Assert.Equal(
            128,
            Parsing.Accept($$"""{"action":"lock",{{Resources}},"label":"{{new string('l', 128)}}"}""").Label.Length
        );
        AssertRefused($$"""{"action":"lock",{{Resources}},"label":"{{new string('l', 129)}}"}""", "label is too long");
    }

    [Fact]
    public void Replies_on_a_channel_begin_with_it()
    {
        var field = Replies.ChannelField("q\"\u0001é"u8);
        var reply = new byte[Replies.MaxBytes + field.Length];

        string Say(ClientAction action, ConnectionState state, EndReason reason = EndReason.None) =>
            Encoding.UTF8.GetString(
                reply.AsSpan(0, Replies.Write(reply, ulong.MaxValue, action, state, field, reason))
            );

        Assert.Equal(
            """{"channel":"q\"\u0001é","id":"18446744073709551615","action":"lock","state":"acquired"}""",
            Say(ClientAction.Lock, ConnectionState.Acquired)
        );
        Assert.Equal(
            """{"channel":"q\"\u0001é","id":"18446744073709551615","action":"lock","state":"ready","reason":"timeout"}""",
            Say(ClientAction.Lock, ConnectionState.Ready, EndReason.Timeout)
        );
        Assert.Equal(
            """{"channel":"q\"\u0001é","id":"18446744073709551615","action":"downgrade","state":"acquired"}""",
            Say(ClientAction.Downgrade, ConnectionState.Acquired)
        );
        Assert.Equal(
            """{"channel":"q\"\u0001é","action":"lock","state":"ready","reason":"busy"}""",
            Say(ClientAction.Lock, ConnectionState.Ready, EndReason.Busy)
        );
    }

    [Theory]
    [InlineData("", """{"action":"pong"}""")]
    [InlineData("1\"7", """{"action":"pong","t":"1\"7"}""")]
    public void Pongs(string mark, string expected) =>
        Assert.Equal(expected, Text(Replies.Pong(Encoding.UTF8.GetBytes(mark))));

    [Fact]
    public void Where_a_resumed_session_stands()
    {
        ResourceInfo[] resources =
        [
            new(AccessMode.Write, ["a"u8.ToArray(), "\"é"u8.ToArray()]),
            new(AccessMode.Read, ["b"u8.ToArray()]),
        ];
        var live = new RequestInfo(7, ConnectionState.Enqueued, "r1"u8.ToArray(), resources, 60_000);

        AssertSays(
            """{"action":"resume","state":"enqueued","id":"7","ref":"r1","resources":[{"type":"write","path":["a","\"é"]},{"type":"read","path":["b"]}],"abandonTimeoutMs":60000,"channels":2}""",
            Notices.Resume(default, live, EndReason.None, 2)
        );
        AssertSays("""{"action":"resume","state":"ready"}""", Notices.Resume(default, null, EndReason.None, 0));
        AssertSays(
            """{"action":"resume","state":"ready","reason":"revoked"}""",
            Notices.Resume(default, null, EndReason.Revoked, 0)
        );
        AssertSays(
            """{"channel":"x","action":"resume","state":"acquired","id":"8","resources":[{"type":"read","path":["b"]}],"abandonTimeoutMs":0}""",
            Notices.Resume(
                "x"u8,
                new RequestInfo(8, ConnectionState.Acquired, default, [resources[1]], 0),
                EndReason.None,
                0
            )
        );
    }

    [Fact]
    public void Revokes_and_progress()
    {
        AssertSays(
            """{"id":"7","action":"revoke","state":"acquired","reason":"maintenance","graceMs":10000}""",
            Notices.Revoke(default, 7, ConnectionState.Acquired, "maintenance"u8, 10_000)
        );
        AssertSays(
            """{"channel":"x","id":"7","action":"revoke","state":"ready","reason":""}""",
            Notices.Revoke("x"u8, 7, ConnectionState.Ready, ""u8, 0)
        );
        AssertSays(
            """{"id":"9","action":"progress","state":"enqueued","place":3,"blocker":{"id":"4","state":"acquired","label":"build-7","sinceMs":12000}}""",
            Notices.Progress(default, 9, 3, new BlockerInfo(4, ConnectionState.Acquired, "build-7"u8.ToArray(), 12_000))
        );
        AssertSays(
            """{"id":"9","action":"progress","state":"enqueued","place":1}""",
            Notices.Progress(default, 9, 1, null)
        );
    }

    [Theory]
    [InlineData("?namespace=n", "", "", false, false)]
    [InlineData("?namespace=n&session=0123456789abcdeF", "0123456789abcdeF", "", false, true)]
    [InlineData("?namespace=n&session=-._~-._~-._~-._~&label=b%C3%A9", "-._~-._~-._~-._~", "bé", false, true)]
    [InlineData("?namespace=n&label=me", "", "me", false, false)]
    [InlineData("?namespace=n&progress=1", "", "", true, true)]
    [InlineData("?namespace=n&extensions=1&progress=0", "", "", false, true)]
    public void Queries(string query, string token, string label, bool progress, bool extended)
    {
        Assert.Null(ConnectQuery.Parse(query, new MessageLimits(), out var parsed));
        Assert.Equal(
            (token, label, progress, extended),
            (Text(parsed!.Token.Span), Text(parsed.Label.Span), parsed.Progress, parsed.Extended)
        );
    }

    [Theory]
    [InlineData("session=", "16 to 128 letters")]
    [InlineData("session=0123456789abcde", "16 to 128 letters")]
    [InlineData("session=0123456789abcdef%20", "16 to 128 letters")]
    [InlineData("session=0123456789abcd%C3%A9", "16 to 128 letters")]
    [InlineData("session=0123456789abcdef&session=0123456789abcdef", "once")]
    [InlineData("session=%FF", "once")]
    [InlineData("label=a&label=a", "'label' once")]
    [InlineData("label=%FF", "'label' once")]
    [InlineData("progress=yes", "'progress' once, as 1 or 0")]
    [InlineData("extensions", "'extensions' once, as 1 or 0")]
    [InlineData("extensions=1&extensions=1", "'extensions' once")]
    public void Queries_that_are_refused(string part, string sentence)
    {
        var error = ConnectQuery.Parse("?namespace=n&" + part, new MessageLimits(), out var parsed);

        Assert.Null(parsed);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.EndsWith(".", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_of_128_letters_fits_and_129_do_not()
    {
        Assert.Null(ConnectQuery.Parse("?namespace=n&session=" + new string('t', 128), new MessageLimits(), out _));
        Assert.NotNull(ConnectQuery.Parse("?namespace=n&session=" + new string('t', 129), new MessageLimits(), out _));
    }

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    private static void AssertSays(string expected, byte[] notice)
    {
        Assert.NotNull(JsonNode.Parse(notice));
        Assert.Equal(expected, Text(notice));
    }

    private static void AssertRefused(string json, string reason)
    {
        var refusal = Parsing.Refuse(json);

        Assert.Equal(CloseCodes.BadInput, refusal?.CloseCode);
        Assert.Contains(reason, refusal!.Reason, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(refusal.Reason), 1, CloseCodes.MaxReasonBytes - 1);
    }
}
