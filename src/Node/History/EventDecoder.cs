// From the journal's bytes to what people and programs read.
using System.Globalization;
using System.Text;
using System.Text.Json;
using RaftLocks.Api;
using RaftLocks.Ledger;
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.History;

internal static class EventDecoder
{
    /// <summary>An event in words.</summary>
    public static HistoryEvent Decode(in EventRecord told, EventKey key, long clockMs)
    {
        var body = default(LockBody);
        var hasBody = told.HasDetails && LockBody.TryParse(told.Body, out body);
        return new HistoryEvent(
            key.ToString(),
            key.Index,
            clockMs,
            Time(clockMs),
            Name(told.Kind),
            told.HasRequest ? Text(told.Namespace) : null,
            told.HasRequest ? told.Id.ToString(CultureInfo.InvariantCulture) : null,
            told.HasDetails ? told.Session.ToString() : null,
            hasBody ? NullIfEmpty(body.Channel) : null,
            hasBody ? NullIfEmpty(body.Label) : null,
            hasBody ? NullIfEmpty(body.Ref) : null,
            hasBody ? Resources(body.Resources) : null,
            told.HasDetails ? told.EnqueuedAtMs : null,
            told.HasDetails && told.AcquiredAtMs >= 0 ? told.AcquiredAtMs : null,
            told.HasDetails ? (told.AcquiredAtMs >= 0 ? told.AcquiredAtMs : clockMs) - told.EnqueuedAtMs : null,
            told.HasDetails && told.Kind.EndsRequest() && told.AcquiredAtMs >= 0 ? clockMs - told.AcquiredAtMs : null,
            told.Begins ? told.AbandonTimeoutMs : null,
            told.Begins && told.WaitLimitMs >= 0 ? told.WaitLimitMs : null,
            told.Kind == EventKind.FeatureLevelRaised ? told.Level : null,
            NullIfEmpty(told.Reason)
        )
        {
            Principal = NullIfEmpty(told.Holder),
            By = NullIfEmpty(told.Principal),
            Subject = told.Kind.IsAuth() ? Subject(told) : null,
        };
    }

    // The name only: hashes and the key are nobody's business.
    private static string? Subject(in EventRecord told) =>
        told.Kind switch
        {
            EventKind.TokenCreated or EventKind.TokenRotated => AccessToken.Parse(told.Payload) is { } token
                ? Text(token.Name.Span)
                : null,
            EventKind.PolicySet => Policy.Parse(told.Payload) is { } policy ? Text(policy.Name.Span) : null,
            EventKind.TokenDeleted or EventKind.PolicyDeleted => Text(told.Payload),
            _ => null,
        };

    /// <summary>An event's name on the wire, as in <c>acquired</c>.</summary>
    public static string Name(EventKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());

    /// <summary>A time of the replicated clock, as text.</summary>
    public static string Time(long ms)
    {
        // The leader's clock: data from elsewhere, so any number.
        var seconds = Math.Clamp(ms, 0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
        return DateTimeOffset
            .FromUnixTimeMilliseconds(seconds)
            .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
    }

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    private static string? NullIfEmpty(ReadOnlySpan<byte> utf8) => utf8.IsEmpty ? null : Text(utf8);

    /// <summary>Resources as the wire has them.</summary>
    public static List<Resource> Resources(ResourceSet.Enumerator resources)
    {
        var found = new List<Resource>();
        while (resources.MoveNext())
        {
            var path = new List<string>(resources.Current.SegmentCount);
            foreach (var segment in resources.Current)
            {
                path.Add(Text(segment));
            }

            found.Add(new Resource(resources.Current.Access == Access.Read ? "read" : "write", path));
        }

        return found;
    }
}
