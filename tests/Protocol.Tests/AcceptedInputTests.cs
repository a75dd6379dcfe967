// What is understood beyond the specification's examples: spellings, orders of fields, extra fields, escapes.
namespace RaftLocks.Protocol.Tests;

public class AcceptedInputTests
{
    [Theory]
    [InlineData("read", AccessMode.Read)]
    [InlineData("r", AccessMode.Read)]
    [InlineData("R", AccessMode.Read)]
    [InlineData("READ", AccessMode.Read)]
    [InlineData("ReaD", AccessMode.Read)]
    [InlineData("write", AccessMode.Write)]
    [InlineData("w", AccessMode.Write)]
    [InlineData("W", AccessMode.Write)]
    [InlineData("Write", AccessMode.Write)]
    [InlineData("\\u0057rit\\u0065", AccessMode.Write)]
    public void Types_in_any_letter_case_long_or_short(string type, AccessMode expected)
    {
        var message = Parsing.Accept($$"""{"action":"lock","resources":[{"type":"{{type}}","path":["a"]}]}""");

        Assert.Equal(expected, message.ModeOf(0));
    }

    [Fact]
    public void Fields_in_any_order()
    {
        var message = Parsing.Accept(
            """{"resources":[{"path":["a","b"],"type":"w"},{"path":["c"],"type":"r"}],"action":"lock"}"""
        );

        Assert.Equal(ClientAction.Lock, message.Action);
        Assert.Equal(["write a|b", "read c"], Parsing.Plain(message));
    }

    [Fact]
    public void Unknown_fields_whatever_they_hold()
    {
        var message = Parsing.Accept(
            """
            {"x":{"action":"release","resources":[[{}]]},"action":"lock","x":null,"actions":"release",
             "resources":[{"path":["a"],"y":[{"path":7}],"type":"w","y":1,"":2}],"z":"\ud800","\ud800":1}
            """
        );

        Assert.Equal(ClientAction.Lock, message.Action);
        Assert.Equal(["write a"], Parsing.Plain(message));
    }

    [Fact]
    public void Names_of_fields_in_any_letter_case()
    {
        var message = Parsing.Accept(
            """
            {"Action":"lock","CHANNEL":"x","Ref":"r","Label":"l","WaitTimeoutMS":5,"Resources":[{"Type":"w","Path":["a"]},{"TYPE":"r","PATH":["B"]}]}
            """
        );

        Assert.Equal(["write a", "read B"], Parsing.Plain(message));
        Assert.Equal(("x", "r", "l"), (Text(message.Channel), Text(message.Ref), Text(message.Label)));
        Assert.Equal(5, message.WaitTimeoutMs);

        static string Text(ReadOnlySpan<byte> utf8) => System.Text.Encoding.UTF8.GetString(utf8);
    }

    [Theory]
    [InlineData("""{"action":"lock","Action":"release"}""", "action occurs twice")]
    [InlineData("""{"action":"lock","resources":[{"type":"w","path":["a"],"Path":["b"]}]}""", "path occurs twice")]
    [InlineData("""{"action":"release","channel":"a","Channel":"b"}""", "channel occurs twice")]
    public void A_field_that_is_there_twice_is_refused_in_whatever_letter_case(string json, string reason) =>
        Assert.Contains(reason, Parsing.Refuse(json)!.Reason, StringComparison.Ordinal);

    [Fact]
    public void A_path_that_is_null_is_the_whole_namespace_where_that_is_allowed()
    {
        const string Json = """{"action":"lock","resources":[{"type":"w","path":null}]}""";

        var message = Parsing.Accept(Json, new MessageLimits { AllowEmptyPath = true });

        Assert.Equal((1, 0), (message.ResourceCount, message.SegmentCountOf(0)));
        Assert.Contains("path is null", Parsing.Refuse(Json)!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_optional_field_that_is_null_is_not_there()
    {
        var message = Parsing.Accept(
            """
            {"action":"lock","channel":null,"ref":null,"label":null,"waitTimeoutMs":null,"traceparent":null,"ref":"r","resources":[{"type":"w","path":["a"]}]}
            """
        );

        Assert.True(message.Channel.IsEmpty && !message.HasLabel && message.TraceParent.IsEmpty);
        Assert.Equal((-1, 1), (message.WaitTimeoutMs, message.Ref.Length));
        Assert.Equal(ClientAction.Ping, Parsing.Accept("""{"action":"ping","t":null,"channel":null}""").Action);
    }

    [Theory]
    [InlineData("""{"action":"release","resources":[{"type":"w","path":["a"]}]}""")]
    [InlineData("""{"resources":"no lock, no matter","action":"release"}""")]
    [InlineData("""{"resources":null,"action":"release"}""")]
    public void A_release_whatever_its_resources(string json)
    {
        var message = Parsing.Accept(json);

        Assert.Equal(ClientAction.Release, message.Action);
        Assert.Equal(0, message.ResourceCount);
    }

    [Fact]
    public void Names_and_words_that_are_written_with_escapes()
    {
        var message = Parsing.Accept(
            """{"\u0061ction":"l\u006fck","re\u0073ources":[{"\u0074ype":"w","p\u0061th":["a"]}]}"""
        );

        Assert.Equal(["write a"], Parsing.Plain(message));
    }

    [Fact]
    public void Segments_with_every_kind_of_escape()
    {
        var message = Parsing.Accept(
            """{"action":"lock","resources":[{"type":"w","path":["\"\\\/\b\f\n\r\t","\u00e9é","\ud83d\ude00😀","","\u0000"]}]}"""
        );

        Assert.Equal(["write \"\\/\b\f\n\r\t|éé|😀😀||\0"], Parsing.Plain(message));
    }

    [Fact]
    public void Redundant_and_shadowed_resources()
    {
        var message = Parsing.Accept(
            """{"action":"lock","resources":[{"type":"w","path":["a"]},{"type":"r","path":["a"]},{"type":"w","path":["a","b"]}]}"""
        );

        Assert.Equal(["write a", "read a", "write a|b"], Parsing.Plain(message));
    }

    [Fact]
    public void An_empty_path_only_when_the_server_allows_it()
    {
        const string json = """{"action":"lock","resources":[{"type":"w","path":[]},{"type":"r","path":["a"]}]}""";

        Assert.Equal(
            ["write ", "read a"],
            Parsing.Plain(Parsing.Accept(json, new MessageLimits { AllowEmptyPath = true }))
        );
        Assert.NotNull(Parsing.Refuse(json));
    }

    [Fact]
    public void A_message_object_used_again_keeps_nothing_of_the_last()
    {
        var parser = new MessageParser(new MessageLimits());
        var message = new ClientMessage();
        var large =
            $$"""{"action":"lock","resources":[{{string.Join(',', Enumerable.Range(0, 200).Select(i => $$"""{"type":"w","path":["{{new string('x', 200)}}","{{i}}"]}"""))}}]}""";

        Assert.Null(parser.Parse(System.Text.Encoding.UTF8.GetBytes(large), message));
        Assert.Equal(200, message.ResourceCount);
        Assert.Null(parser.Parse("""{"action":"lock","resources":[{"type":"r","path":["a","b"]}]}"""u8, message));
        Assert.Equal(["read a|b"], Parsing.Plain(message));
        Assert.Null(parser.Parse("""{"action":"release"}"""u8, message));
        Assert.Equal(0, message.ResourceCount);
        Assert.Throws<ArgumentOutOfRangeException>(() => message.ModeOf(0));
    }
}
