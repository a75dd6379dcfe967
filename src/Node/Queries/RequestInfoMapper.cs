// From the state machine's answers to what people and programs read.
using System.Globalization;
using System.Text;
using RaftLocks.Api;
using RaftLocks.Node.History;
using RaftLocks.Node.Sessions;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Queries;

internal static class RequestInfoMapper
{
    /// <summary>A live request.</summary>
    public static RequestInfo Of(in RequestView view, LeaderSessions sessions, IReadOnlyList<ulong>? blockedBy = null)
    {
        var request = view.Request;
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
        );
    }

    public static string StateOf(bool isAcquired) => isAcquired ? RequestState.Acquired : RequestState.Enqueued;

    public static string Id(ulong id) => id.ToString(CultureInfo.InvariantCulture);

    public static IReadOnlyList<string> Ids(IReadOnlyList<ulong> ids) => [.. ids.Select(Id)];

    public static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    public static IReadOnlyList<Resource> Resources(ResourceSet resources) =>
        EventDecoder.Resources(resources.GetEnumerator());

    private static string? NullIfEmpty(ReadOnlySpan<byte> utf8) => utf8.IsEmpty ? null : Text(utf8);
}
