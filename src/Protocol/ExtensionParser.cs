// Reads the fields that protocol v1 does not have: channel, ref, label, waitTimeoutMs, traceparent, and the t of a
// ping. A message without them is a plain v1 message; one that is null counts as absent. What belongs to one action
// only is looked at when the action is known, as fields come in any order.
using System.Text.Json;

namespace RaftLocks.Protocol;

internal sealed class ExtensionParser(MessageLimits limits)
{
    // The length of a text that is null: the field is as good as not there.
    private const int Absent = -1;

    /// <summary>
    /// Reads a field if it is one of these; the reader stands on its name, and afterwards on its end.
    /// </summary>
    /// <returns>Null, or what is wrong with it.</returns>
    public Refusal? Parse(ref Utf8JsonReader reader, ClientMessage into, out bool isKnown)
    {
        isKnown = true;
        if (reader.TextIsIgnoringCase("channel"u8))
        {
            return into.HasChannel ? MessageParser.Twice("channel") : Channel(ref reader, into);
        }

        if (reader.TextIsIgnoringCase("ref"u8))
        {
            var wrong = Ref(ref reader, "ref", into);
            into.LockRefusal ??= wrong;
        }
        else if (reader.TextIsIgnoringCase("t"u8))
        {
            var wrong = Ref(ref reader, "t", into);
            into.PingRefusal ??= wrong;
        }
        else if (reader.TextIsIgnoringCase("label"u8))
        {
            var wrong = Label(ref reader, into);
            into.LockRefusal ??= wrong;
        }
        else if (reader.TextIsIgnoringCase("waitTimeoutMs"u8))
        {
            var wrong = WaitTimeout(ref reader, into);
            into.LockRefusal ??= wrong;
        }
        else if (reader.TextIsIgnoringCase("traceparent"u8))
        {
            // As the standard requires: a value that makes no sense is ignored, because a trace must never make a lock
            // fail.
            if (
                Text(ref reader, "traceparent", limits.MaxTraceParentBytes, into, out var length) is null
                && length != Absent
            )
            {
                into.AddTraceParent(length);
            }
        }
        else
        {
            isKnown = false;
        }

        return null;
    }

    private Refusal? Channel(ref Utf8JsonReader reader, ClientMessage into)
    {
        var wrong = Text(ref reader, "channel", limits.MaxChannelBytes, into, out var length);
        if (wrong is null && length == 0)
        {
            return Refusal.BadInput("channel is empty: send 1 to 64 bytes, or leave it out for the main channel");
        }

        if (wrong is null && length != Absent)
        {
            into.AddChannel(length);
        }

        return wrong;
    }

    private Refusal? Ref(ref Utf8JsonReader reader, string field, ClientMessage into)
    {
        var wrong = Text(ref reader, field, limits.MaxRefBytes, into, out var length);
        if (wrong is not null || length == Absent)
        {
            return wrong;
        }

        if (into.HasRef)
        {
            return MessageParser.Twice(field);
        }

        into.AddRef(length);
        return null;
    }

    private Refusal? Label(ref Utf8JsonReader reader, ClientMessage into)
    {
        var wrong = Text(ref reader, "label", limits.MaxLabelBytes, into, out var length);
        if (wrong is not null || length == Absent)
        {
            return wrong;
        }

        if (into.HasLabel)
        {
            return MessageParser.Twice("label");
        }

        into.AddLabel(length);
        return null;
    }

    private Refusal? WaitTimeout(ref Utf8JsonReader reader, ClientMessage into)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

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

    private static Refusal? Text(
        ref Utf8JsonReader reader,
        string field,
        int maxBytes,
        ClientMessage into,
        out int length
    )
    {
        length = Absent;
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

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

        return length > maxBytes
            ? Refusal.BadInput($"{field} is too long: send at most {maxBytes} bytes of UTF-8")
            : null;
    }
}
