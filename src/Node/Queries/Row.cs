// From the state machine's answers to what people and programs read.
using System.Globalization;
using System.Text;
using RaftLocks.Node.History;
using RaftLocks.Node.Sessions;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Queries;

internal static class Row
{
    public const string Acquired = "acquired";
    public const string Enqueued = "enqueued";

    /// <summary>It was released, abandoned, or ended otherwise; or its number was never given.</summary>
    public const string Gone = "gone";

    /// <summary>A live request.</summary>
    public static RequestRow Of(in RequestView view, LeaderSessions sessions, IReadOnlyList<ulong>? blockedBy = null)
    {
        var request = view.Request;
        return new RequestRow(
            Text(request.Namespace.Span),
            Id(request.Id),
            StateOf(view.IsAcquired),
            request.Session.ToString(),
            NullIfEmpty(request.Label.Span),
            NullIfEmpty(request.Channel.Span),
            NullIfEmpty(request.Mark.Span),
            Resources(view.Resources),
            request.AbandonTimeoutMs,
            EventDecoder.Time(request.EnqueuedAtMs),
            view.IsAcquired ? EventDecoder.Time(view.GrantedAtMs) : null,
            view.Place > 0 ? view.Place : null,
            view.Blocker > 0 ? Id(view.Blocker) : null,
            sessions.IsConnected(request),
            blockedBy is null ? null : Ids(blockedBy));
    }

    public static string StateOf(bool isAcquired) => isAcquired ? Acquired : Enqueued;

    public static string Id(ulong id) => id.ToString(CultureInfo.InvariantCulture);

    public static IReadOnlyList<string> Ids(IReadOnlyList<ulong> ids) => [.. ids.Select(Id)];

    public static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    public static IReadOnlyList<HistoryResource> Resources(ResourceSet resources) => EventDecoder.Resources(resources.GetEnumerator());

    private static string? NullIfEmpty(ReadOnlySpan<byte> utf8) => utf8.IsEmpty ? null : Text(utf8);
}
