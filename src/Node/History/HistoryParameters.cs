// The query parameters of the history's pages, and what to say when they make no sense.
using System.Globalization;
using System.Text;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;

namespace RaftLocks.Node.History;

internal sealed class HistoryParameters(IQueryCollection query) : QueryParameters(query)
{
    private static readonly string[] FilterNames = ["namespace", "path", "scope", "id", "session", "from", "to"];

    /// <summary>The filter that they describe.</summary>
    public HistoryFilter Filter()
    {
        var space = Text("namespace");
        var filter = new HistoryFilter
        {
            Namespace = space is null ? null : Encoding.UTF8.GetBytes(space),
            Path = Path(),
            Scope = Scope(),
            Id = Text("id") is { } id ? Id("id", id) : null,
            Session = Text("session") is { } session ? Session(session) : null,
            FromMs = Text("from") is { } from ? Time("from", from) : long.MinValue,
            ToMs = Text("to") is { } to ? Time("to", to) : long.MaxValue,
        };
        if (filter.Namespace is null && (filter.Path is not null || filter.Id is not null))
        {
            AddError("A path or an id means something only within a namespace: add namespace=.");
        }

        return filter;
    }

    /// <summary>The whole query that they describe.</summary>
    public HistoryQuery Query()
    {
        OnlyKnown([.. FilterNames, "order", "limit", "cursor"]);
        return new HistoryQuery(
            Filter(),
            IsNewestFirst(),
            Text("cursor") is { } cursor ? Key("cursor", cursor) : null,
            Number("limit", Limits.DefaultHistoryEvents, 1, Limits.MaxHistoryEvents)
        );
    }

    /// <summary>
    /// The stream that they describe: its filter, and the event after which it begins, if it was said.
    /// </summary>
    /// <param name="lastEventId">The header Last-Event-ID, by which a browser goes on after a break.</param>
    public (HistoryFilter Filter, EventKey? After) Stream(string? lastEventId)
    {
        OnlyKnown([.. FilterNames, "after"]);
        var after = string.IsNullOrEmpty(lastEventId) ? Text("after") : lastEventId;
        return (Filter(), after is null ? null : Key("after", after));
    }

    private bool IsNewestFirst() =>
        Text("order") switch
        {
            null or "newest" => true,
            "oldest" => false,
            _ => AddError("'order' is newest or oldest.", otherwise: true),
        };

    private UInt128 Session(string text) =>
        text.Length == 32
        && UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var session)
            ? session
            : AddError(
                "'session' is the public name of a session, 32 hexadecimal digits, as events " + "have it.",
                (UInt128)0
            );

    private EventKey Key(string name, string text) =>
        EventKey.TryParse(text, out var key)
            ? key
            : AddError($"'{name}' is the cursor of an event or an answer, as in 1234-0.", EventKey.First);

    private long Time(string name, string text)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ms))
        {
            return ms;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUnixTimeMilliseconds()
            : AddError($"'{name}' is a time such as 2026-01-31T23:59:59Z, or milliseconds since 1970.", 0L);
    }
}
