// Reads the fields that protocol v1 does not have: channel, ref, label, waitTimeoutMs, traceparent, and the t of a ping. A message without them is
// a plain v1 message. What belongs to one action only is looked at when the action is known, as fields come in any order.
using System.Text.Json;

namespace RaftLocks.Protocol;

internal sealed class ExtensionParser(MessageLimits limits)
{
    /// <summary>Reads a field if it is one of these; the reader stands on its name, and afterwards on its end.</summary>
    public bool TryField(ref Utf8JsonReader reader, ClientMessage into, out Refusal? mistake)
    {
        mistake = null;
        if (reader.TextIs("channel"u8))
        {
            mistake = into.HasChannel ? MessageParser.Twice("channel") : Channel(ref reader, into);
        }
        else if (reader.TextIs("ref"u8))
        {
            var wrong = Mark(ref reader, "ref", into);
            into.LockRefusal ??= wrong;
        }
        else if (reader.TextIs("t"u8))
        {
            var wrong = Mark(ref reader, "t", into);
            into.PingRefusal ??= wrong;
        }
        else if (reader.TextIs("label"u8))
        {
            var wrong = Label(ref reader, into);
            into.LockRefusal ??= wrong;
        }
        else if (reader.TextIs("waitTimeoutMs"u8))
        {
            var wrong = WaitTimeout(ref reader, into);
            into.LockRefusal ??= wrong;
        }
        else if (reader.TextIs("traceparent"u8))
        {
            // As its standard wants it: what makes no sense is ignored, for a trace must never be what a lock fails by.
            if (Text(ref reader, "traceparent", limits.MaxTraceParentBytes, into, out var length) is null)
            {
                into.AddTraceParent(length);
            }
        }
        else
        {
            return false;
        }

        return true;
    }

    private Refusal? Channel(ref Utf8JsonReader reader, ClientMessage into)
    {
        var wrong = Text(ref reader, "channel", limits.MaxChannelBytes, into, out var length);
        if (wrong is null && length == 0)
        {
            return Refusal.BadInput("channel is empty: send 1 to 64 bytes, or leave it out for the main channel");
        }

        if (wrong is null)
        {
            into.AddChannel(length);
        }

        return wrong;
    }

    private Refusal? Mark(ref Utf8JsonReader reader, string field, ClientMessage into)
    {
        var wrong = Text(ref reader, field, limits.MaxRefBytes, into, out var length);
        if (wrong is null && into.HasMark)
        {
            return MessageParser.Twice(field);
        }

        if (wrong is null)
        {
            into.AddMark(length);
        }

        return wrong;
    }

    private Refusal? Label(ref Utf8JsonReader reader, ClientMessage into)
    {
        var wrong = Text(ref reader, "label", limits.MaxLabelBytes, into, out var length);
        if (wrong is null && into.HasLabel)
        {
            return MessageParser.Twice("label");
        }

        if (wrong is null)
        {
            into.AddLabel(length);
        }

        return wrong;
    }

    private Refusal? WaitTimeout(ref Utf8JsonReader reader, ClientMessage into)
    {
        reader.Read();
        var isNumber = reader.TokenType == JsonTokenType.Number;
        if (isNumber && reader.TryGetInt64(out var ms) && ms >= 0 && ms <= limits.MaxWaitTimeoutMs)
        {
            if (into.WaitTimeoutMs >= 0)
            {
                return MessageParser.Twice("waitTimeoutMs");
            }

            into.SetWaitTimeout(ms);
            return null;
        }

        var what = isNumber ? "out of range" : reader.TokenType.InWords();
        reader.Skip();
        return Refusal.BadInput($"waitTimeoutMs is {what}: send a whole number from 0 to {limits.MaxWaitTimeoutMs}");
    }

    private static Refusal? Text(ref Utf8JsonReader reader, string field, int maxBytes, ClientMessage into, out int length)
    {
        length = 0;
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
        {
            var what = reader.TokenType.InWords();
            reader.Skip();
            return Refusal.BadInput($"{field} is {what}: send a string, or leave it out");
        }

        if (!reader.TryUnescape(into.FreeBytes, out length))
        {
            return Refusal.BadInput($"{field} has half of a surrogate pair: send whole characters");
        }

        return length > maxBytes ? Refusal.BadInput($"{field} is too long: send at most {maxBytes} bytes of UTF-8") : null;
    }
}
