// Reads a client's message: checks size and UTF-8, walks the JSON once, and leaves the paths in the message's flat
// buffer. Names of fields are taken in any letter case, as Go's decoder does. Input that is not understood gives a
// refusal that says what to send instead; no input makes it throw.
using System.Text.Json;
using System.Text.Unicode;

namespace RaftLocks.Protocol;

/// <summary>Parses messages of protocol v1 and its extensions. Has no state: one may serve many threads.</summary>
public sealed class MessageParser(MessageLimits limits)
{
    private static readonly JsonReaderOptions Json = new() { MaxDepth = MessageLimits.MaxJsonDepth };

    private readonly ResourceParser resourceParser = new(limits);
    private readonly ExtensionParser extensionParser = new(limits);

    /// <summary>Parses one message.</summary>
    /// <returns>Null when <paramref name="into"/> holds the message, else why it is refused.</returns>
    public Refusal? Parse(ReadOnlySpan<byte> utf8, ClientMessage into)
    {
        if (utf8.Length > limits.MaxMessageBytes)
        {
            return TooLarge(limits);
        }

        if (!Utf8.IsValid(utf8))
        {
            return new Refusal(CloseCodes.InvalidPayload, "the message is not valid UTF-8");
        }

        into.Begin(utf8.Length);
        try
        {
            return ParseJson(utf8, into);
        }
        catch (JsonException malformed)
        {
            var place = malformed.BytePositionInLine is { } at
                ? $" (line {malformed.LineNumber + 1}, byte {at + 1})"
                : "";
            return Refusal.BadInput(
                $"not one JSON object of at most {MessageLimits.MaxJsonDepth} levels{place}: send e.g. "
                    + $"{{\"action\":\"release\"}}"
            );
        }
    }

    /// <summary>Makes the refusal of a message that is too large to be read at all.</summary>
    public static Refusal TooLarge(MessageLimits limits) =>
        new(CloseCodes.TooLarge, $"the message is too large: send at most {limits.MaxMessageBytes} bytes");

    private Refusal? ParseJson(ReadOnlySpan<byte> utf8, ClientMessage into)
    {
        var reader = new Utf8JsonReader(utf8, Json);
        if (!reader.Read())
        {
            return Refusal.BadInput("the message is empty: send a JSON object such as {\"action\":\"release\"}");
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return Refusal.BadInput(
                $"the message is {reader.TokenType.InWords()}: send a JSON object such as {{\"action\":\"release\"}}"
            );
        }

        ClientAction? action = null;
        var hasResources = false;
        var resourcesAwaitAction = false;
        Utf8JsonReader resources = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.TextIsIgnoringCase("action"u8))
            {
                if (action is not null)
                {
                    return Twice("action");
                }

                reader.Read();
                if (ParseAction(ref reader, out var parsed) is { } refusal)
                {
                    return refusal;
                }

                action = parsed;
            }
            else if (reader.TextIsIgnoringCase("resources"u8))
            {
                if (hasResources)
                {
                    return Twice("resources");
                }

                hasResources = true;
                reader.Read();
                if (action == ClientAction.Lock)
                {
                    if (resourceParser.Parse(ref reader, into) is { } refusal)
                    {
                        return refusal;
                    }
                }
                else
                {
                    // Whether they matter is known when the action is: come back to them then.
                    resources = reader;
                    resourcesAwaitAction = true;
                    reader.Skip();
                }
            }
            else if (extensionParser.Parse(ref reader, into, out var isKnown) is { } refusal)
            {
                return refusal;
            }
            else if (!isKnown)
            {
                reader.Read();
                reader.Skip();
            }
        }

        // Throws when anything but white space follows.
        reader.Read();
        into.Action = action ?? default;
        return action switch
        {
            null => Refusal.BadInput("action is missing: send \"action\":\"lock\" or \"action\":\"release\""),
            ClientAction.Lock when !hasResources => Refusal.BadInput(
                "resources is missing: send \"resources\":[{\"type\":\"write\",\"path\":[\"a\",\"b\"]}]"
            ),
            ClientAction.Lock when into.LockRefusal is { } mistake => mistake,
            ClientAction.Lock when resourcesAwaitAction => resourceParser.Parse(ref resources, into),
            ClientAction.Ping when into.HasChannel => Refusal.BadInput(
                "\"ping\" concerns the whole connection: send it without \"channel\""
            ),
            ClientAction.Ping => into.PingRefusal,
            _ => null,
        };
    }

    private static Refusal? ParseAction(ref Utf8JsonReader reader, out ClientAction action)
    {
        action = default;
        if (reader.TokenType != JsonTokenType.String)
        {
            return Refusal.BadInput($"action is {reader.TokenType.InWords()}: send \"lock\" or \"release\"");
        }

        if (reader.TextIs("lock"u8))
        {
            action = ClientAction.Lock;
            return null;
        }

        if (reader.TextIs("release"u8))
        {
            action = ClientAction.Release;
            return null;
        }

        if (reader.TextIs("downgrade"u8))
        {
            action = ClientAction.Downgrade;
            return null;
        }

        if (reader.TextIs("ping"u8))
        {
            action = ClientAction.Ping;
            return null;
        }

        if (reader.TextIs("upgrade"u8))
        {
            return Refusal.BadInput(
                "\"upgrade\" can't be: two who hold reads would wait for each other for ever; release, then lock anew"
            );
        }

        return Refusal.BadInput($"unknown action {reader.Quoted()}: send \"lock\" or \"release\"");
    }

    internal static Refusal Twice(string field) => Refusal.BadInput($"{field} occurs twice: send each field once");
}
