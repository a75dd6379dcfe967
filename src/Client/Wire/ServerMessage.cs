// A message of the server, read without reflection. Fields and words that are not known are skipped: a newer server may say more.
using System.Globalization;
using System.Text.Json;

namespace RaftLocks.Client.Wire;

internal enum ServerAction
{
    Unknown,
    Lock,
    Release,
    Downgrade,
    Resume,
    Revoke,
    Progress,
    Pong,
}

internal enum RequestState
{
    Unknown,
    Ready,
    Enqueued,
    Acquired,
}

/// <summary>Who stands in the way.</summary>
internal sealed record BlockerView(ulong? Id, RequestState State, string? Label, long SinceMs);

/// <summary>What a server said.</summary>
internal sealed record ServerMessage
{
    public ServerAction Action { get; private set; }

    public RequestState State { get; private set; }

    /// <summary>Null for the connection's main channel.</summary>
    public string? Channel { get; private set; }

    public ulong? Id { get; private set; }

    public string? Mark { get; private set; }

    public string? Reason { get; private set; }

    public long? GraceMs { get; private set; }

    /// <summary>In a resume: how many follow.</summary>
    public int Channels { get; private set; }

    /// <summary>In a resume: whether a resource is locked for writing.</summary>
    public bool HasWrites { get; private set; }

    /// <summary>In a pong: which ping it answers.</summary>
    public string? Ping { get; private set; }

    public int Place { get; private set; }

    public BlockerView? Blocker { get; private set; }

    /// <summary>Reads one message.</summary>
    /// <exception cref="JsonException">It is no JSON object, or a field is not what it should be.</exception>
    public static ServerMessage Parse(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        var message = new ServerMessage();
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("The message is no JSON object.");
        }

        try
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                message.ReadField(ref reader);
            }
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or OverflowException)
        {
            throw new JsonException("A field is not what it should be.", e);
        }

        return message;
    }

    private void ReadField(ref Utf8JsonReader reader)
    {
        switch (Next(ref reader))
        {
            case "action":
                Action = ActionOf(reader.GetString());
                break;
            case "state":
                State = StateOf(reader.GetString());
                break;
            case "channel":
                Channel = reader.GetString();
                break;
            case "id":
                Id = IdOf(reader.GetString());
                break;
            case "ref":
                Mark = reader.GetString();
                break;
            case "reason":
                Reason = reader.GetString();
                break;
            case "graceMs":
                GraceMs = reader.GetInt64();
                break;
            case "channels":
                Channels = reader.GetInt32();
                break;
            case "t":
                Ping = reader.GetString();
                break;
            case "place":
                Place = reader.GetInt32();
                break;
            case "resources":
                using (var resources = JsonDocument.ParseValue(ref reader))
                {
                    HasWrites = resources.RootElement.EnumerateArray().Any(resource => resource.GetProperty("type").ValueEquals("write"u8));
                }

                break;
            case "blocker":
                Blocker = ReadBlocker(ref reader);
                break;
            default:
                reader.Skip();
                break;
        }
    }

    private static BlockerView? ReadBlocker(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        using var json = JsonDocument.ParseValue(ref reader);
        var blocker = json.RootElement;
        return new BlockerView(
            blocker.TryGetProperty("id"u8, out var id) ? IdOf(id.GetString()) : null,
            blocker.TryGetProperty("state"u8, out var state) ? StateOf(state.GetString()) : RequestState.Unknown,
            blocker.TryGetProperty("label"u8, out var label) ? label.GetString() : null,
            blocker.TryGetProperty("sinceMs"u8, out var since) ? since.GetInt64() : 0);
    }

    private static string? Next(ref Utf8JsonReader reader)
    {
        var name = reader.GetString();
        reader.Read();
        return name;
    }

    private static ulong IdOf(string? text) => ulong.Parse(text!, NumberStyles.None, CultureInfo.InvariantCulture);

    private static ServerAction ActionOf(string? text) => text switch
    {
        "lock" => ServerAction.Lock,
        "release" => ServerAction.Release,
        "downgrade" => ServerAction.Downgrade,
        "resume" => ServerAction.Resume,
        "revoke" => ServerAction.Revoke,
        "progress" => ServerAction.Progress,
        "pong" => ServerAction.Pong,
        _ => ServerAction.Unknown,
    };

    private static RequestState StateOf(string? text) => text switch
    {
        "ready" => RequestState.Ready,
        "enqueued" => RequestState.Enqueued,
        "acquired" => RequestState.Acquired,
        _ => RequestState.Unknown,
    };
}
