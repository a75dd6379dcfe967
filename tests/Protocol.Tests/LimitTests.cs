// Each limit: what just fits is accepted, one more is refused, and the reason tells the limit.
using System.Text;

namespace RaftLocks.Protocol.Tests;

public class LimitTests
{
    private static readonly MessageLimits Limits = new()
    {
        MaxMessageBytes = 4000,
        MaxResources = 5,
        MaxPathSegments = 4,
        MaxSegmentBytes = 12,
    };

    [Fact]
    public void Bytes_in_a_message()
    {
        string OfLength(int bytes) => """{"action":"release"}""".PadRight(bytes);

        Assert.Null(Parsing.Refuse(OfLength(4000), Limits));
        AssertRefused(OfLength(4001), CloseCodes.TooLarge, "at most 4000 bytes");
        Assert.Equal(CloseCodes.TooLarge, MessageParser.TooLarge(Limits).CloseCode);
    }

    [Fact]
    public void Resources_in_a_lock()
    {
        string Locks(int resources) => Lock(Enumerable.Repeat<string[]>(["a"], resources));

        Assert.Null(Parsing.Refuse(Locks(5), Limits));
        AssertRefused(Locks(6), CloseCodes.BadInput, "at most 5");
    }

    [Fact]
    public void Segments_in_a_path()
    {
        string Path(int segments) =>
            Lock([
                ["a"],
                [.. Enumerable.Repeat("a", segments)],
            ]);

        Assert.Null(Parsing.Refuse(Path(4), Limits));
        AssertRefused(Path(5), CloseCodes.BadInput, "resources[1].path is too long: send at most 4 segments");
    }

    [Theory]
    [InlineData("123456789012", true)]
    [InlineData("1234567890123", false)]
    [InlineData("éééééé", true)] // twelve bytes, six characters
    [InlineData("ééééééé", false)]
    [InlineData("\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9", true)] // escapes count as what they stand for
    [InlineData("\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9\\u00e9", false)]
    public void Bytes_in_a_segment(string segment, bool fits)
    {
        if (fits)
        {
            Assert.Null(
                Parsing.Refuse(
                    Lock([
                        [segment],
                    ]),
                    Limits
                )
            );
        }
        else
        {
            AssertRefused(
                Lock([
                    [segment],
                ]),
                CloseCodes.BadInput,
                "resources[0].path[0] is too long: send at most 12 bytes"
            );
        }
    }

    [Fact]
    public void A_path_of_a_hundred_thousand_segments_costs_nothing_by_default()
    {
        var message = Encoding.UTF8.GetBytes(
            Lock([
                [.. Enumerable.Repeat("a", 100_000)],
            ])
        );
        var before = GC.GetAllocatedBytesForCurrentThread();
        var (_, refusal) = Parsing.Parse(message);

        Assert.Equal(CloseCodes.TooLarge, refusal?.CloseCode);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    private static string Lock(IEnumerable<string[]> paths) =>
        $$"""{"action":"lock","resources":[{{string.Join(',', paths.Select(path => $$"""{"type":"w","path":[{{string.Join(',', path.Select(segment => $"\"{segment}\""))}}]}"""))}}]}""";

    private static void AssertRefused(string json, int code, string reason)
    {
        var refusal = Parsing.Refuse(json, Limits);

        Assert.Equal(code, refusal?.CloseCode);
        Assert.Contains(reason, refusal!.Reason, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(refusal.Reason), 1, CloseCodes.MaxReasonBytes);
    }
}
