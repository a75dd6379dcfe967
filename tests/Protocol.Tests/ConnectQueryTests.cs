// The query parameters of a connection: what is understood, and the sentences for what is not.
using System.Text;
using FsCheck.Xunit;

namespace RaftLocks.Protocol.Tests;

public class ConnectQueryTests
{
    private static readonly MessageLimits Limits = new();

    [Theory]
    [InlineData("?namespace=n", "n", null)]
    [InlineData("namespace=n", "n", null)]
    [InlineData("?namespace=n&abandon-timeout-ms=0", "n", 0L)]
    [InlineData("?abandon-timeout-ms=604800000&namespace=n", "n", 604_800_000L)]
    [InlineData("?namespace=n&abandon-timeout-ms=00012", "n", 12L)]
    [InlineData("?x=1&x=2&namespace=n&=&&y&%zz=%zz", "n", null)]
    [InlineData("?Namespace=no&namespace=n", "n", null)]
    [InlineData("?n%61mespace=n", "n", null)]
    [InlineData("?namespace=a%20b+c%2Bd", "a b c+d", null)]
    [InlineData("?namespace=%F0%9F%98%80", "😀", null)]
    [InlineData("?namespace=😀é", "😀é", null)]
    [InlineData("?namespace=a=b", "a=b", null)]
    [InlineData("?namespace=%00", "\0", null)]
    public void Understood(string query, string ns, long? abandonTimeoutMs)
    {
        Assert.Null(ConnectQuery.Parse(query, Limits, out var parsed));
        Assert.Equal(ns, Encoding.UTF8.GetString(parsed!.Namespace.Span));
        Assert.Equal(abandonTimeoutMs, parsed.AbandonTimeoutMs);
    }

    [Theory]
    [InlineData(null, "'namespace' once")]
    [InlineData("", "'namespace' once")]
    [InlineData("?namespace", "'namespace' once")]
    [InlineData("?namespace=", "'namespace' once")]
    [InlineData("?namespace=a&namespace=a", "'namespace' once")]
    [InlineData("?namespace=%FF", "not percent-encoded UTF-8")]
    [InlineData("?namespace=%ED%A0%80", "not percent-encoded UTF-8")]
    [InlineData("?namespace=%", "not percent-encoded UTF-8")]
    [InlineData("?namespace=%4", "not percent-encoded UTF-8")]
    [InlineData("?namespace=%4g", "not percent-encoded UTF-8")]
    [InlineData("?namespace=n&abandon-timeout-ms=", "from 0 to 604800000")]
    [InlineData("?namespace=n&abandon-timeout-ms", "from 0 to 604800000")]
    [InlineData("?namespace=n&abandon-timeout-ms=-1", "from 0 to 604800000")]
    [InlineData("?namespace=n&abandon-timeout-ms=%2B1", "from 0 to 604800000")]
    [InlineData("?namespace=n&abandon-timeout-ms=%201", "from 0 to 604800000")]
    [InlineData("?namespace=n&abandon-timeout-ms=1.5", "from 0 to 604800000")]
    [InlineData("?namespace=n&abandon-timeout-ms=1e3", "from 0 to 604800000")]
    [InlineData("?namespace=n&abandon-timeout-ms=1,000", "from 0 to 604800000")]
    [InlineData("?namespace=n&abandon-timeout-ms=%D9%A1", "from 0 to 604800000")]
    [InlineData("?namespace=n&abandon-timeout-ms=12%00", "from 0 to 604800000")]
    [InlineData("?namespace=n&abandon-timeout-ms=%FF", "from 0 to 604800000")]
    [InlineData("?namespace=n&abandon-timeout-ms=604800001", "from 0 to 604800000")]
    [InlineData("?namespace=n&abandon-timeout-ms=9223372036855", "from 0 to 604800000")]
    [InlineData("?namespace=n&abandon-timeout-ms=9223372036854775808", "from 0 to 604800000")]
    [InlineData("?namespace=n&abandon-timeout-ms=99999999999999999999999999", "from 0 to 604800000")]
    [InlineData("?namespace=n&abandon-timeout-ms=1&abandon-timeout-ms=1", "once")]
    public void Refused_with_a_sentence(string? query, string sentence)
    {
        var error = ConnectQuery.Parse(query, Limits, out var parsed);

        Assert.Null(parsed);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.EndsWith(".", error, StringComparison.Ordinal);
    }

    // Not among the above: attributes are stored as UTF-8, which has no half of a surrogate pair.
    [Fact]
    public void Half_of_a_surrogate_pair_is_refused_never_replaced() =>
        Refused_with_a_sentence("?namespace=\ud800", "not percent-encoded UTF-8");

    [Fact]
    public void A_name_of_256_bytes_fits_and_257_do_not()
    {
        var name = string.Concat(Enumerable.Repeat("%C3%A9", 128));

        Assert.Null(ConnectQuery.ParseNamespace("?namespace=" + name, Limits, out var parsed));
        Assert.Equal(256, parsed.Length);
        Assert.Contains(
            "256 bytes",
            ConnectQuery.ParseNamespace("?namespace=x" + name, Limits, out _),
            StringComparison.Ordinal
        );
    }

    [Property]
    public void Any_escaped_name_comes_back_as_it_was(FsCheck.NonEmptyString text)
    {
        var name = Unicode.WithoutLoneSurrogates(text.Get);
        var expected = Encoding.UTF8.GetBytes(name);
        if (expected.Length is 0 or > 256)
        {
            return;
        }

        Assert.Null(ConnectQuery.ParseNamespace("?namespace=" + Uri.EscapeDataString(name), Limits, out var parsed));
        Assert.Equal(expected, parsed);
    }

    [Property]
    public void No_query_makes_it_throw(string? query, string? name) =>
        Assert.Equal(
            ConnectQuery.Parse($"?{query}&namespace={name}&{query}", Limits, out var parsed) is null,
            parsed is not null
        );
}
