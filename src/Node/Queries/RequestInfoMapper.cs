// From the state machine's answers to what people and programs read.
using System.Globalization;
using System.Text;
using RaftLocks.Api;
using RaftLocks.Node.Auth;
using RaftLocks.Node.History;
using RaftLocks.Node.Sessions;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Queries;

internal static class RequestInfoMapper
{
    /// <summary>A live request. Of one that the caller may not see: its number, and since when.</summary>
    public static RequestInfo Of(
        in RequestView view,
        LeaderSessions sessions,
        Caller caller,
        IReadOnlyList<ulong>? blockedBy = null
    )
    {
        var request = view.Request;
        if (!caller.MayObserve(request))
        {
            return new RequestInfo(
                Text(request.Namespace.Span),
                Id(request.Id),
                StateOf(view.IsAcquired),
                "",
                null,
                null,
                null,
                [],
                request.AbandonTimeoutMs,
                EventDecoder.Time(request.EnqueuedAtMs),
                view.IsAcquired ? EventDecoder.Time(view.AcquiredAtMs) : null,
                view.Place > 0 ? view.Place : null,
                view.Blocker > 0 ? Id(view.Blocker) : null,
                BlockedBy: blockedBy is null ? null : Ids(blockedBy)
            );
        }

        return new RequestInfo(
            Text(request.Namespace.Span),
            Id(request.Id),
            StateOf(view.IsAcquired),
            request.Session.ToString(),
            NullIfEmpty(request.Label.Span),
            NullIfEmpty(request.Channel.Span),
            NullIfEmpty(request.Ref.Span),
            Resources(view.Resources),
            request.AbandonTimeoutMs,
            EventDecoder.Time(request.EnqueuedAtMs),
            view.IsAcquired ? EventDecoder.Time(view.AcquiredAtMs) : null,
            view.Place > 0 ? view.Place : null,
            view.Blocker > 0 ? Id(view.Blocker) : null,
            sessions.IsConnected(request),
            sessions.SilentMs(request) is > 0 and var silentMs ? silentMs : null,
            blockedBy is null ? null : Ids(blockedBy)
        )
        {
            Principal = NullIfEmpty(request.Principal.Span),
        };
    }

    public static string StateOf(bool isAcquired) => isAcquired ? RequestState.Acquired : RequestState.Enqueued;

    public static string Id(ulong id) => id.ToString(CultureInfo.InvariantCulture);

    public static IReadOnlyList<string> Ids(IReadOnlyList<ulong> ids) => [.. ids.Select(Id)];

    public static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    public static IReadOnlyList<Resource> Resources(ResourceSet resources) =>
        EventDecoder.Resources(resources.GetEnumerator());

    private static string? NullIfEmpty(ReadOnlySpan<byte> utf8) => utf8.IsEmpty ? null : Text(utf8);
}
