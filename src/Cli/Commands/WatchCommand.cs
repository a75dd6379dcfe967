// "raftlocks watch": events as they happen.
using System.CommandLine;
using RaftLocks.Cli.Shared;

namespace RaftLocks.Cli.Commands;

internal static class WatchCommand
{
    private const string Description = """
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
        var count = new Option<int>("--count") { Description = "Ends after so many events [never]", HelpName = "N" };
        Ranges.Check(count, 1, int.MaxValue);
        var command = new DescribedCommand("watch", Description) { after, count };
        filter.AddTo(command);
        command.SetAction(
            async (parsed, token) =>
            {
                using var api = cluster.Api(terminal, parsed);
                var watch = new EventWatch(
                    terminal,
                    parsed.GetValue(cluster.Json),
                    parsed.GetValue(after),
                    parsed.GetResult(count) is null ? null : parsed.GetValue(count)
                );
                await watch.FollowAsync(api, filter.Of(parsed), token);
                return ExitCodes.Done;
            }
        );
        return command;
    }
}
