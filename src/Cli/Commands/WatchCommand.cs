// "raftlocks watch": events as they happen. When the node goes away it goes on at the next, after the last event it saw.
using System.CommandLine;
using System.Text.Json;
using RaftLocks.Cli.Shared;
using RaftLocks.Client;

namespace RaftLocks.Cli.Commands;

internal static class WatchCommand
{
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(1);

    private const string Description =
        """
        Events as they happen, until Ctrl-C.

        Examples:
          raftlocks watch orders
          raftlocks watch --json | jq .event      (one event in a line)
        """;

    public static Command Make(Terminal terminal)
    {
        var cluster = new ClusterOptions();
        var filter = new HistoryFilterOptions(cluster);
        var after = new Option<string?>("--after") { Description = "Begins after this event's cursor instead of now" };
        var count = new Option<int?>("--count") { Description = "Ends after so many events" };
        var command = new DescribedCommand("watch", Description) { after, count };
        filter.AddTo(command);
        command.SetAction(async (parsed, token) =>
        {
            using var api = cluster.Api(parsed);
            var query = Queries.Of("/v1/history/stream", filter.Of(parsed));
            await FollowAsync(terminal, api, query, parsed.GetValue(after), parsed.GetValue(count), parsed.GetValue(cluster.Json), token);
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task FollowAsync(Terminal terminal, NodeApi api, string query, string? last, int? count, bool json, CancellationToken token)
    {
        for (var left = count; left is not 0;)
        {
            try
            {
                using var answer = await api.StreamAsync(query, last, token);
                if (!answer.IsSuccessStatusCode)
                {
                    throw new RaftLocksException((await answer.Content.ReadAsStringAsync(token)).Trim());
                }

                using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(token));
                (last, left) = await ReadAsync(terminal, reader, last, left, json, token);
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                await terminal.Error.WriteLineAsync($"The node has gone ({e.Message}); going on elsewhere.");
                await Task.Delay(BetweenAttempts, token);
            }
        }
    }

    private static async Task<(string? Last, int? Left)> ReadAsync(
        Terminal terminal, StreamReader reader, string? last, int? left, bool json, CancellationToken token)
    {
        string? name = null;
        while (left is not 0 && await reader.ReadLineAsync(token) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                last = line[4..];
            }
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                name = line[7..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                await ShowAsync(terminal, name, line[6..], json);
                left -= name is "gap" or "lost" ? 0 : 1;
            }
        }

        return (last, left);
    }

    private static async Task ShowAsync(Terminal terminal, string? name, string data, bool json)
    {
        if (name is "gap" or "lost")
        {
            await terminal.Error.WriteLineAsync($"{name}: {data}");
            return;
        }

        using var happened = JsonDocument.Parse(data);
        await terminal.Out.WriteLineAsync(json ? data : HistoryFilterOptions.Line(happened.RootElement));
        await terminal.Out.FlushAsync();
    }
}
