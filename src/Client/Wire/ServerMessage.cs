// A message of the server, read without reflection. Fields and words that are not known are skipped: a newer server may
// say more.
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

/// <summary>The oldest request that blocks another.</summary>
internal sealed record BlockerInfo(ulong? Id, RequestState State, string? Label, long SinceMs);

/// <summary>A server's message.</summary>
internal sealed record ServerMessage
{
    /// <summary>A hundred years: no request has waited, and none is promised, for longer.</summary>
    private const long LongestMs = 100L * 366 * 24 * 60 * 60 * 1000;

    public ServerAction Action { get; private set; }

    public RequestState State { get; private set; }

    /// <summary>Null for the connection's main channel.</summary>
    public string? Channel { get; private set; }

    public ulong? Id { get; private set; }

    public string? Ref { get; private set; }

    public string? Reason { get; private set; }

    /// <summary>The limit that was reached, in a refusal.</summary>
    public string? Limit { get; private set; }

    /// <summary>The sentence for people, in a refusal.</summary>
    public string? Text { get; private set; }

    public long? GraceMs { get; private set; }

    /// <summary>The number of resume messages that follow, in a resume.</summary>
    public int Channels { get; private set; }

    /// <summary>Whether a resource is locked for writing, in a resume.</summary>
    public bool HasWrites { get; private set; }

    /// <summary>The ping that is answered, in a pong.</summary>
    public string? Ping { get; private set; }

    public int Place { get; private set; }

    public BlockerInfo? Blocker { get; private set; }

    /// <summary>Reads one message.</summary>
    /// <exception cref="BadMessageException">It is no JSON object, or a field is not what it should be.</exception>
    public static ServerMessage Parse(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        var message = new ServerMessage();
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                throw new BadMessageException("it is no JSON object");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                message.ReadField(ref reader);
            }

            // What follows the object is no JSON.
            reader.Read();
            return message;
        }
        catch (JsonException e)
        {
            throw new BadMessageException(e.Message, e);
        }
        catch (Exception e)
            when (e is InvalidOperationException or FormatException or OverflowException or KeyNotFoundException)
        {
            throw new BadMessageException("a field is not what it should be", e);
        }
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
                Ref = reader.GetString();
                break;
            case "reason":
                Reason = reader.GetString();
                break;
            case "limit":
                Limit = reader.GetString();
                break;
            case "message":
                Text = reader.GetString();
                break;
            case "graceMs":
                GraceMs = Bounded(reader.GetInt64(), 0, LongestMs, "graceMs");
                break;
            case "channels":
                Channels = (int)Bounded(reader.GetInt64(), 0, RaftLocksOptions.MostLocks, "channels");
                break;
            case "t":
                Ping = reader.GetString();
                break;
            case "place":
                Place = (int)Bounded(reader.GetInt64(), 1, int.MaxValue, "place");
                break;
            case "resources":
                using (var resources = JsonDocument.ParseValue(ref reader))
                {
                    HasWrites = resources
                        .RootElement.EnumerateArray()
                        .Any(resource => resource.GetProperty("type").ValueEquals("write"u8));
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

    private static BlockerInfo? ReadBlocker(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        using var json = JsonDocument.ParseValue(ref reader);
        var blocker = json.RootElement;
        return new BlockerInfo(
            blocker.TryGetProperty("id"u8, out var id) ? IdOf(id.GetString()) : null,
            blocker.TryGetProperty("state"u8, out var state) ? StateOf(state.GetString()) : RequestState.Unknown,
            blocker.TryGetProperty("label"u8, out var label) ? label.GetString() : null,
            blocker.TryGetProperty("sinceMs"u8, out var since) ? Bounded(since.GetInt64(), 0, LongestMs, "sinceMs") : 0
        );
    }

    private static string? Next(ref Utf8JsonReader reader)
    {
        var name = reader.GetString();
        reader.Read();
        return name;
    }

    private static ulong IdOf(string? text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new BadMessageException("an id is no number");

    private static long Bounded(long number, long least, long most, string field) =>
        number >= least && number <= most ? number : throw new BadMessageException($"{field} is {number}");

    private static ServerAction ActionOf(string? text) =>
        text switch
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

    private static RequestState StateOf(string? text) =>
        text switch
        {
            "ready" => RequestState.Ready,
            "enqueued" => RequestState.Enqueued,
            "acquired" => RequestState.Acquired,
            _ => RequestState.Unknown,
        };
}
