// Whatever way a lock is written in JSON, it is read as it was meant; and whatever bytes arrive, nothing is thrown and
// nothing is accepted that a plain reading of the same JSON does not bear out.
using System.Text;
using System.Text.Json;
using FsCheck.Xunit;

namespace RaftLocks.Protocol.Tests;

public class RoundTripTests
{
    private static readonly MessageLimits Limits = new();

    [Property(Arbitrary = [typeof(PlainLocks)], MaxTest = 1000)]
    public void A_lock_is_read_as_it_was_meant(PlainLock meant, int seed)
    {
        var message = Parsing.Accept(new Rendering(seed).Render(meant));

        Assert.Equal(ClientAction.Lock, message.Action);
        Assert.Equal(meant.Resources, Parsing.Resources(message));
    }

    [Property(Arbitrary = [typeof(PlainLocks)], MaxTest = 3000)]
    public void Damaged_messages_are_refused_or_read_as_any_reader_would(PlainLock meant, int seed)
    {
        var random = new Random(seed);
        var bytes = Encoding.UTF8.GetBytes(new Rendering(seed).Render(meant)).ToList();
        for (var damages = random.Next(1, 4); damages > 0; damages--)
        {
            Damage(bytes, random);
        }

        Check([.. bytes]);
    }

    [Property(MaxTest = 3000)]
    public void Any_bytes_at_all(byte[] bytes) => Check(bytes);

    [Property(MaxTest = 3000)]
    public void Any_words_of_the_protocol_in_any_order(int seed)
    {
        string[] words =
        [
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "\"action\"",
            "\"lock\"",
            "\"release\"",
            "\"resources\"",
            "\"type\"",
            "\"path\"",
            "\"w\"",
            "\"a\"",
            "null",
            "1",
            "\"\\ud800\"",
        ];
        var random = new Random(seed);
        Check(
            Encoding.UTF8.GetBytes(
                string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => words[random.Next(words.Length)]))
            )
        );
    }

    private static void Damage(List<byte> bytes, Random random)
    {
        var at = random.Next(bytes.Count);
        switch (random.Next(5))
        {
            case 0:
                bytes[at] = (byte)random.Next(256);
                break;
            case 1:
                bytes.RemoveAt(at);
                break;
            case 2:
                bytes.Insert(at, (byte)"{}[]\",:\\u0d"[random.Next(11)]);
                break;
            case 3:
                var length = Math.Min(random.Next(20), bytes.Count - at);
                bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                break;
            default:
                bytes.RemoveRange(at, random.Next(bytes.Count - at));
                break;
        }

        if (bytes.Count == 0)
        {
            bytes.Add((byte)'{');
        }
    }

    private static void Check(byte[] bytes)
    {
        var (message, refusal) = Parsing.Parse(bytes, Limits);
        if (refusal is not null)
        {
            Assert.Contains(
                refusal.CloseCode,
                new[] { CloseCodes.BadInput, CloseCodes.InvalidPayload, CloseCodes.TooLarge }
            );
            Assert.InRange(Encoding.UTF8.GetByteCount(refusal.Reason), 1, CloseCodes.MaxReasonBytes);
            return;
        }

        using var json = JsonDocument.Parse(bytes);
        Assert.Equal(
            message.Action == ClientAction.Lock ? "lock" : "release",
            Field(json.RootElement, "action").GetString()
        );
        if (message.Action == ClientAction.Lock)
        {
            var expected = Field(json.RootElement, "resources")
                .EnumerateArray()
                .Select(resource => new PlainResource(
                    Field(resource, "type").GetString()!.StartsWith("r", StringComparison.OrdinalIgnoreCase)
                        ? AccessMode.Read
                        : AccessMode.Write,
                    [.. Field(resource, "path").EnumerateArray().Select(segment => segment.GetString()!)]
                ));
            Assert.Equal(expected, Parsing.Resources(message));
        }
    }

    // Like GetProperty, which throws when it meets a name that is half of a surrogate pair, even though that one is
    // ignored.
    private static JsonElement Field(JsonElement element, string name) =>
        element.EnumerateObject().Single(field => Has(field, name)).Value;

    private static bool Has(JsonProperty field, string name)
    {
        try
        {
            return field.Name.Equals(name, StringComparison.OrdinalIgnoreCase);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
