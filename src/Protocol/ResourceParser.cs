// Reads the "resources" of a lock: an array of { "type": "read" | "write", "path": ["a", "b"] }. Split from the message
// parser because the fields of a message may come in any order, and these are read only when the action is known.
using System.Text.Json;

namespace RaftLocks.Protocol;

internal sealed class ResourceParser(MessageLimits limits)
{
    // The reader stands on the value of "resources", and afterwards on its end.
    public Refusal? Parse(ref Utf8JsonReader reader, ClientMessage into)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return Refusal.BadInput(
                $"resources is {reader.TokenType.InWords()}: send an array, as in "
                    + $"[{{\"type\":\"write\",\"path\":[\"a\"]}}]"
            );
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (into.ResourceCount == limits.MaxResources)
            {
                return Refusal.BadInput($"resources has too many elements: send at most {limits.MaxResources}");
            }

            if (ParseResource(ref reader, into) is { } refusal)
            {
                return refusal;
            }
        }

        return into.ResourceCount == 0
            ? Refusal.BadInput("resources is empty: send at least one, as in [{\"type\":\"write\",\"path\":[\"a\"]}]")
            : null;
    }

    private Refusal? ParseResource(ref Utf8JsonReader reader, ClientMessage into)
    {
        var index = into.ResourceCount;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return Refusal.BadInput(
                $"resources[{index}] is {reader.TokenType.InWords()}: send an object, as in "
                    + $"{{\"type\":\"write\",\"path\":[\"a\"]}}"
            );
        }

        var firstSegment = into.SegmentCount;
        AccessMode? mode = null;
        var hasPath = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            Refusal? refusal = null;
            if (reader.TextIsIgnoringCase("type"u8))
            {
                refusal = mode is null
                    ? ParseType(ref reader, index, out mode)
                    : MessageParser.Twice($"resources[{index}].type");
            }
            else if (reader.TextIsIgnoringCase("path"u8))
            {
                refusal = hasPath
                    ? MessageParser.Twice($"resources[{index}].path")
                    : ParsePath(ref reader, index, into);
                hasPath = true;
            }
            else
            {
                reader.Read();
                reader.Skip();
            }

            if (refusal is not null)
            {
                return refusal;
            }
        }

        if (mode is not { } known)
        {
            return Refusal.BadInput(
                $"resources[{index}].type is missing: send \"type\":\"read\" or \"type\":\"write\""
            );
        }

        if (!hasPath)
        {
            return Refusal.BadInput(
                $"resources[{index}].path is missing: send an array of segments, as in \"path\":[\"a\",\"b\"]"
            );
        }

        into.AddResource(known, firstSegment);
        return null;
    }

    private static Refusal? ParseType(ref Utf8JsonReader reader, int index, out AccessMode? mode)
    {
        reader.Read();
        mode = null;
        if (reader.TokenType != JsonTokenType.String)
        {
            return Refusal.BadInput(
                $"resources[{index}].type is {reader.TokenType.InWords()}: send \"read\" or \"write\""
            );
        }

        if (reader.TextIsIgnoringCase("write"u8) || reader.TextIsIgnoringCase("w"u8))
        {
            mode = AccessMode.Write;
        }
        else if (reader.TextIsIgnoringCase("read"u8) || reader.TextIsIgnoringCase("r"u8))
        {
            mode = AccessMode.Read;
        }
        else
        {
            return Refusal.BadInput($"resources[{index}].type is {reader.Quoted()}: send \"read\" or \"write\"");
        }

        return null;
    }

    private Refusal? ParsePath(ref Utf8JsonReader reader, int index, ClientMessage into)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null && limits.AllowEmptyPath)
        {
            // What a Go client makes of a path that was never set.
            return null;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return Refusal.BadInput(
                $"resources[{index}].path is {reader.TokenType.InWords()}: send an array of segments, as in "
                    + "[\"a\",\"b\"]"
            );
        }

        var segments = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.String)
            {
                return Refusal.BadInput(
                    $"resources[{index}].path[{segments}] is {reader.TokenType.InWords()}: send a string, as in "
                        + "[\"a\",\"1\"]"
                );
            }

            if (segments == limits.MaxPathSegments)
            {
                return Refusal.BadInput(
                    $"resources[{index}].path is too long: send at most {limits.MaxPathSegments} segments"
                );
            }

            if (!reader.TryUnescape(into.FreeBytes, out var length))
            {
                return Refusal.BadInput(
                    $"resources[{index}].path[{segments}] has half of a surrogate pair: send whole characters"
                );
            }

            if (length > limits.MaxSegmentBytes)
            {
                return Refusal.BadInput(
                    $"resources[{index}].path[{segments}] is too long: send at most {limits.MaxSegmentBytes} "
                        + "bytes of UTF-8"
                );
            }

            into.AddSegment(length);
            segments++;
        }

        return segments == 0 && !limits.AllowEmptyPath
            ? Refusal.BadInput($"resources[{index}].path is empty: send at least one segment, as in [\"a\"]")
            : null;
    }
}
