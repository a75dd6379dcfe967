// The events of "raftlocks watch". When the node disconnects, or hangs, it continues at the next one, after the last
// event it saw.
using System.Text.Json;
using RaftLocks.Api;
using RaftLocks.Cli.Shared;
using RaftLocks.Ledger;

namespace RaftLocks.Cli.Commands;

/// <summary>Follows a stream of events until there were enough.</summary>
/// <param name="terminal">The terminal that shows the events.</param>
/// <param name="json">Whether they are shown as JSON.</param>
/// <param name="after">The cursor of the event after which to begin; null for now.</param>
/// <param name="count">How many to show; null for all.</param>
internal sealed class EventWatch(Terminal terminal, bool json, string? after, int? count)
{
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(1);

    // A node sends a line at least every 15 s.
    private static readonly TimeSpan SilenceBound = TimeSpan.FromSeconds(40);

    private string? last = after;
    private int? left = count;
    private bool wasConnected;
    private string? name;

    /// <summary>Shows the events.</summary>
    public async Task FollowAsync(ApiClient api, HistoryRequest wanted, CancellationToken token)
    {
        while (left is not 0)
        {
            try
            {
                using var answer = await api.OpenAsync(ApiRequests.HistoryStream(wanted, last), token);
                wasConnected = true;
                await ReadAsync(answer, token);
            }
            catch (Exception e) when (IsGone(e))
            {
                var told = $"The node has gone ({e.Message.TrimEnd('.')}); going on elsewhere.";
                await terminal.Error.WriteLineAsync(PrintableText.Of(told));
                await Task.Delay(BetweenAttempts, token);
            }
        }
    }

    private bool IsGone(Exception e) =>
        e is (IOException and not OutputException) or HttpRequestException or JsonException
        || (wasConnected && e is ApiUnreachableException);

    private async Task ReadAsync(HttpResponseMessage answer, CancellationToken token)
    {
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(token));
        while (left is not 0)
        {
            switch (await LineAsync(reader, token) ?? throw new IOException("it ended the stream"))
            {
                case var id when id.StartsWith("id: ", StringComparison.Ordinal):
                    last = id[4..];
                    break;
                case var named when named.StartsWith("event: ", StringComparison.Ordinal):
                    name = named[7..];
                    break;
                case var data when data.StartsWith("data: ", StringComparison.Ordinal):
                    await ShowAsync(data[6..]);
                    break;
            }
        }
    }

    private static async Task<string?> LineAsync(StreamReader reader, CancellationToken token)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(token);
        silence.CancelAfter(SilenceBound);
        try
        {
            return await reader.ReadLineAsync(silence.Token);
        }
        catch (OperationCanceledException e) when (!token.IsCancellationRequested)
        {
            throw new IOException($"it sent nothing for {Durations.Format(SilenceBound)}", e);
        }
    }

    private async Task ShowAsync(string data)
    {
        if (name is HistoryStreamNames.Gap or HistoryStreamNames.Lost)
        {
            await terminal.Error.WriteLineAsync(PrintableText.Of($"{name}: {data}"));
            return;
        }

        var happened =
            JsonSerializer.Deserialize(data, ApiJson.Default.HistoryEvent)
            ?? throw new JsonException("it sent no event");
        await terminal.Out.WriteLineAsync(json ? PrintableText.Of(data) : HistoryFilterOptions.Line(happened));
        await terminal.Out.FlushAsync();
        left--;
    }
}
