// GET /v1/history/stream: events as they happen (server-sent events), from now on or from an event that the client has
// seen.
//
//   id: CURSOR      event: acquired | released | …   data: the event as in /v1/history
//                   event: lost                      data: this reader was too slow, so many events were left out
//                   event: gap                       data: this node's journal has a gap
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RaftLocks.Api;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Foundation;
using RaftLocks.Node.Http;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.History;

internal sealed class HistoryStreamEndpoint(
    HistoryQueryService? historyQueries,
    HistoryBroadcaster broadcaster,
    Authenticator authenticator,
    CancellationToken stopping
)
{
    private static readonly TimeSpan Alive = TimeSpan.FromMilliseconds(Limits.HistoryStreamAliveMs);
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(200);

    public async Task HandleAsync(HttpContext context)
    {
        if (historyQueries is null)
        {
            await Responses.TextAsync(context, StatusCodes.Status404NotFound, HistoryEndpoint.Off);
            return;
        }

        var parameters = new HistoryParameters(context.Request.Query);
        var caller = authenticator.Of(context);
        var (asked, after) = parameters.Stream(context.Request.Headers["Last-Event-ID"]);
        if (parameters.Error is { } error)
        {
            await Responses.TextAsync(context, StatusCodes.Status400BadRequest, error);
            return;
        }

        var reader = authenticator.ReaderOf(context);
        if (broadcaster.Readers.Enter(reader) is var entry and not ReaderEntry.Admitted)
        {
            await ReaderLimit.RefuseAsync(context, entry, "live streams of the history");
            return;
        }

        try
        {
            await StreamAsync(context, asked with { Caller = caller }, after, reader);
        }
        finally
        {
            broadcaster.Readers.Leave(reader);
        }
    }

    private async Task StreamAsync(HttpContext context, HistoryFilter filter, EventKey? after, string reader)
    {
        // What was applied before now is no news.
        await historyQueries!.CatchUpAsync(context.RequestAborted);
        var subscriber = broadcaster.Subscribe(filter);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            await SendAsync(context.Response, subscriber, after, reader, ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The client has gone, or the node stops.
        }
        finally
        {
            broadcaster.Unsubscribe(subscriber);
        }
    }

    private async Task SendAsync(
        HttpResponse response,
        HistorySubscriber subscriber,
        EventKey? after,
        string reader,
        CancellationToken token
    )
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        await response.WriteAsync(": history\n\n", token);
        await response.Body.FlushAsync(token);
        var seen = after is { } from
            ? await ReplayAsync(response, subscriber.Filter, from, reader, token)
            : EventKey.First;
        while (subscriber.Filter.Caller?.Rights.AllowsAnywhere(Verbs.History) != false)
        {
            var next = await subscriber.NextAsync(Alive, token);
            if (next is null)
            {
                await response.WriteAsync(": alive\n\n", token);
            }
            else if (next is { Gap: { } gap })
            {
                await SendAsync(response, gap, token);
            }
            else if (next.Value.Key > seen)
            {
                await (
                    next is { Event: { } happened }
                        ? SendAsync(response, happened, token)
                        : SendAsync(response, next.Value.Loss!, token)
                );
            }

            await response.Body.FlushAsync(token);
        }
    }

    // Sends what is in the journal already; returns the event from which the live events continue.
    private async Task<EventKey> ReplayAsync(
        HttpResponse response,
        HistoryFilter filter,
        EventKey from,
        string reader,
        CancellationToken token
    )
    {
        while (true)
        {
            if (historyQueries!.Queries.Enter(reader) != ReaderEntry.Admitted)
            {
                await Task.Delay(AskAgain, token);
                continue;
            }

            HistoryFound found;
            try
            {
                var query = new HistoryQuery(filter, NewestFirst: false, from, Limits.MaxHistoryEvents);
                found = await historyQueries.ReadAsync(query, token);
            }
            finally
            {
                historyQueries.Queries.Leave(reader);
            }

            foreach (var gap in found.Gaps)
            {
                await SendAsync(response, gap, token);
            }

            foreach (var happened in found.Events)
            {
                await SendAsync(response, happened, token);
            }

            await response.Body.FlushAsync(token);
            from = found.Cursor;
            if (!found.More)
            {
                return from;
            }
        }
    }

    private static Task SendAsync(HttpResponse response, HistoryEvent happened, CancellationToken token) =>
        SendAsync(response, happened.Event, happened.Cursor, happened, ApiJson.Default.HistoryEvent, token);

    private static Task SendAsync(HttpResponse response, HistoryGap gap, CancellationToken token) =>
        SendAsync(response, HistoryStreamNames.Gap, id: null, gap, ApiJson.Default.HistoryGap, token);

    private static Task SendAsync(HttpResponse response, HistoryLoss loss, CancellationToken token) =>
        SendAsync(response, HistoryStreamNames.Lost, id: null, loss, ApiJson.Default.HistoryLoss, token);

    private static async Task SendAsync<T>(
        HttpResponse response,
        string name,
        string? id,
        T data,
        JsonTypeInfo<T> type,
        CancellationToken token
    )
    {
        var line =
            (id is null ? "" : $"id: {id}\n") + $"event: {name}\ndata: {JsonSerializer.Serialize(data, type)}\n\n";
        await response.WriteAsync(line, token);
    }
}
