// The query parameters of the history's pages, and what to say when they make no sense.
using System.Globalization;
using System.Text;
using System.Text.Json;
using RaftLocks.Node.Settings;

namespace RaftLocks.Node.History;

internal sealed class HistoryParameters(IQueryCollection query)
{
    private static readonly string[] FilterNames = ["namespace", "path", "scope", "id", "session", "from", "to"];

    /// <summary>The first mistake, if any: a sentence.</summary>
    public string? Mistake { get; private set; }

    /// <summary>The filter that they describe.</summary>
    public HistoryFilter Filter()
    {
        var space = Text("namespace");
        var filter = new HistoryFilter
        {
            Namespace = space is null ? null : Encoding.UTF8.GetBytes(space),
            Path = Path(),
            Scope = Scope(),
            Id = Text("id") is { } id ? Id(id) : null,
            Session = Text("session") is { } session ? Session(session) : null,
            FromMs = Text("from") is { } from ? Time("from", from) : long.MinValue,
            ToMs = Text("to") is { } to ? Time("to", to) : long.MaxValue,
        };
        if (filter.Namespace is null && (filter.Path is not null || filter.Id is not null))
        {
            Wrong("A path or an id means something only within a namespace: add namespace=.");
        }

        return filter;
    }

    /// <summary>The whole query that they describe.</summary>
    public HistoryQuery Query()
    {
        OnlyKnown([.. FilterNames, "order", "limit", "cursor"]);
        return new HistoryQuery(Filter(), IsNewestFirst(), Text("cursor") is { } cursor ? Key("cursor", cursor) : null, Limit());
    }

    /// <summary>The stream that they describe: its filter, and the event after which it begins, if it was said.</summary>
    /// <param name="lastEventId">The header Last-Event-ID, by which a browser goes on after a break.</param>
    public (HistoryFilter Filter, EventKey? After) Stream(string? lastEventId)
    {
        OnlyKnown([.. FilterNames, "after"]);
        var after = string.IsNullOrEmpty(lastEventId) ? Text("after") : lastEventId;
        return (Filter(), after is null ? null : Key("after", after));
    }

    private void OnlyKnown(string[] known)
    {
        if (query.Keys.FirstOrDefault(name => !known.Contains(name, StringComparer.Ordinal)) is { } unknown)
        {
            Wrong($"There is no parameter '{unknown}'; known are {string.Join(", ", known)}.");
        }
    }

    private string? Text(string name)
    {
        if (!query.TryGetValue(name, out var values))
        {
            return null;
        }

        if (values.Count != 1)
        {
            Wrong($"'{name}' is given {values.Count} times: give it once.");
        }

        return values[0];
    }

    // A JSON array of segments as on the wire, or for people a/b/c.
    private byte[][]? Path()
    {
        if (Text("path") is not { } text)
        {
            return null;
        }

        if (!text.StartsWith('['))
        {
            return text.Length == 0 ? [] : [.. text.Split('/').Select(Encoding.UTF8.GetBytes)];
        }

        try
        {
            using var json = JsonDocument.Parse(text);
            return [.. json.RootElement.EnumerateArray().Select(segment => Encoding.UTF8.GetBytes(segment.GetString()!))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentNullException)
        {
            Wrong("'path' is no array of strings: write [\"a\",\"b\"], or a/b where no segment has a slash.");
            return null;
        }
    }

    private PathScope Scope()
    {
        if (Text("scope") is not { } text)
        {
            return PathScope.All;
        }

        var scope = PathScope.None;
        foreach (var word in text.Split(','))
        {
            scope |= word switch
            {
                "itself" => PathScope.Itself,
                "above" => PathScope.Above,
                "beneath" => PathScope.Beneath,
                "all" => PathScope.All,
                _ => Wrong("'scope' is a list of itself, above, beneath, or all.", PathScope.All),
            };
        }

        return scope;
    }

    private bool IsNewestFirst() => Text("order") switch
    {
        null or "newest" => true,
        "oldest" => false,
        _ => Wrong("'order' is newest or oldest.", otherwise: true),
    };

    private int Limit() => Text("limit") is not { } text ? Limits.DefaultHistoryEvents
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= Limits.MaxHistoryEvents ? limit
        : Wrong($"'limit' is a whole number from 1 to {Limits.MaxHistoryEvents}.", 1);

    private ulong Id(string text) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id
        : Wrong("'id' is a whole number.", 0UL);

    private UInt128 Session(string text) => text.Length == 32 && UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var session)
        ? session
        : Wrong("'session' is the public name of a session, 32 hexadecimal digits, as events have it.", (UInt128)0);

    private EventKey Key(string name, string text) => EventKey.TryParse(text, out var key) ? key
        : Wrong($"'{name}' is the cursor of an event or an answer, as in 1234-0.", EventKey.First);

    private long Time(string name, string text)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ms))
        {
            return ms;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUnixTimeMilliseconds()
            : Wrong($"'{name}' is a time such as 2026-01-31T23:59:59Z, or milliseconds since 1970.", 0L);
    }

    private T Wrong<T>(string sentence, T otherwise)
    {
        Wrong(sentence);
        return otherwise;
    }

    private void Wrong(string sentence) => Mistake ??= sentence;
}
