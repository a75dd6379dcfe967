// What is refused, with which code, and that the reason says where the error is and what to send instead.
using System.Text;

namespace RaftLocks.Protocol.Tests;

public class RefusalTests
{
    private const string Lock = """{"action":"lock","resources":""";

    [Theory]
    [InlineData("", "not one JSON object")]
    [InlineData("   ", "not one JSON object")]
    [InlineData("lock", "not one JSON object")]
    [InlineData("""{"action":"release"} {"action":"release"}""", "not one JSON object")]
    [InlineData("""{"action":"release"}]""", "not one JSON object")]
    [InlineData("""{"action":"release",}""", "not one JSON object")]
    [InlineData("""{"action":"release" /* so */}""", "not one JSON object")]
    [InlineData("""{"action":"release""", "not one JSON object")]
    [InlineData("[]", "the message is an array: send a JSON object")]
    [InlineData("\"lock\"", "the message is a string: send a JSON object")]
    [InlineData("null", "the message is null: send a JSON object")]
    [InlineData("7", "the message is a number: send a JSON object")]
    [InlineData("{}", "action is missing: send")]
    [InlineData("""{"action":null}""", "action is null: send")]
    [InlineData("""{"action":{"lock":1}}""", "action is an object: send")]
    [InlineData("""{"action":""}""", "unknown action \"\": send")]
    [InlineData("""{"action":"unlock"}""", "unknown action \"unlock\": send")]
    [InlineData("""{"action":"Lock"}""", "unknown action \"Lock\": send")]
    [InlineData("""{"action":"lock\u0000"}""", "unknown action \"lock\\u0000\": send")]
    [InlineData(
        """{"action":"an action that nobody has ever heard of"}""",
        "unknown action \"an action that nobod…\": send"
    )]
    [InlineData("""{"action":"release","action":"release"}""", "action occurs twice: send each field once")]
    [InlineData("""{"action":"lock"}""", "resources is missing: send")]
    public void Messages(string json, string reason) => AssertRefused(json, reason);

    [Theory]
    [InlineData("null", "resources is null: send an array")]
    [InlineData("{}", "resources is an object: send an array")]
    [InlineData("\"a\"", "resources is a string: send an array")]
    [InlineData("[]", "resources is empty: send at least one")]
    [InlineData("""["a"]""", "resources[0] is a string: send an object")]
    [InlineData("""[{"type":"w","path":["a"]},null]""", "resources[1] is null: send an object")]
    [InlineData("""[{"path":["a"]}]""", "resources[0].type is missing: send")]
    [InlineData("""[{"type":null,"path":["a"]}]""", "resources[0].type is null: send")]
    [InlineData("""[{"type":1,"path":["a"]}]""", "resources[0].type is a number: send")]
    [InlineData("""[{"type":"","path":["a"]}]""", "resources[0].type is \"\": send")]
    [InlineData("""[{"type":"rw","path":["a"]}]""", "resources[0].type is \"rw\": send")]
    [InlineData(
        """[{"type":"w","path":["a"]},{"type":"w"}]""",
        "resources[1].path is missing: send an array of segments"
    )]
    [InlineData("""[{"type":"w","path":null}]""", "resources[0].path is null: send an array of segments")]
    [InlineData("""[{"type":"w","path":"a/b"}]""", "resources[0].path is a string: send an array of segments")]
    [InlineData("""[{"type":"w","path":[]}]""", "resources[0].path is empty: send at least one segment")]
    [InlineData("""[{"type":"w","path":["a",1]}]""", "resources[0].path[1] is a number: send a string")]
    [InlineData("""[{"type":"w","path":["a",null]}]""", "resources[0].path[1] is null: send a string")]
    [InlineData("""[{"type":"w","path":["a",["b"]]}]""", "resources[0].path[1] is an array: send a string")]
    [InlineData("""[{"type":"w","path":["a",true]}]""", "resources[0].path[1] is a boolean: send a string")]
    [InlineData("""[{"type":"w","path":["\ud800"]}]""", "resources[0].path[0] has half of a surrogate pair")]
    [InlineData("""[{"type":"w","path":["\udc00x"]}]""", "resources[0].path[0] has half of a surrogate pair")]
    [InlineData("""[{"type":"w","path":["a","\ud83dx"]}]""", "resources[0].path[1] has half of a surrogate pair")]
    [InlineData("""[{"type":"w","path":["a"],"type":"r"}]""", "resources[0].type occurs twice")]
    [InlineData("""[{"type":"w","path":["a"],"path":["b"]}]""", "resources[0].path occurs twice")]
    [InlineData("""[{"type":"w","path":["a"]}],"resources":[]""", "resources occurs twice")]
    public void Resources(string resources, string reason)
    {
        AssertRefused($$"""{{Lock}}{{resources}}}""", reason);

        // The same when the action comes last.
        AssertRefused($$"""{"resources":{{resources}},"action":"lock"}""", reason);
    }

    [Fact]
    public void Nesting_beyond_the_limit()
    {
        string Nested(int levels) =>
            $$"""{"action":"release","x":{{new string('[', levels - 1)}}{{new string(']', levels - 1)}}}""";

        Assert.Null(Parsing.Refuse(Nested(MessageLimits.MaxJsonDepth)));
        AssertRefused(Nested(MessageLimits.MaxJsonDepth + 1), $"of at most {MessageLimits.MaxJsonDepth} levels");
        AssertRefused(Nested(30_000), $"of at most {MessageLimits.MaxJsonDepth} levels");
    }

    [Theory]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xC0, 0xAF })] // overlong
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })] // a surrogate, encoded
    [InlineData(new byte[] { 0xE2, 0x82 })] // cut
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })] // beyond Unicode
    public void Invalid_UTF8_anywhere(byte[] invalid)
    {
        foreach (
            var (before, after) in new[]
            {
                ("", ""),
                ("{\"action\":\"release\",\"x\":\"", "\"}"),
                (Lock + "[{\"type\":\"w\",\"path\":[\"", "\"]}]}"),
            }
        )
        {
            var refusal = Parsing
                .Parse([.. Encoding.UTF8.GetBytes(before), .. invalid, .. Encoding.UTF8.GetBytes(after)])
                .Refusal;

            Assert.Equal(CloseCodes.InvalidPayload, refusal?.CloseCode);
            Assert.Contains("UTF-8", refusal!.Reason, StringComparison.Ordinal);
        }
    }

    private static void AssertRefused(string json, string reason)
    {
        var refusal = Parsing.Refuse(json);

        Assert.NotNull(refusal);
        Assert.Equal(CloseCodes.BadInput, refusal.CloseCode);
        Assert.Contains(reason, refusal.Reason, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(refusal.Reason), 1, CloseCodes.MaxReasonBytes);
    }
}
