// "raftlocks explain": would this lock be granted now, and if not, who must leave first.
using System.CommandLine;
using System.Text.Json;
using RaftLocks.Cli.Locks;
using RaftLocks.Cli.Shared;
using RaftLocks.Client;

namespace RaftLocks.Cli.Commands;

internal static class ExplainCommand
{
    private const string Description =
        """
        Answers, without standing in line: would this lock be granted now; and if not, who must leave first, holders and waiters, and for whom each of them waits.

        Examples:
          raftlocks explain --write orders/42
          raftlocks explain --id 17             (why does request 17 wait?)

        Exit codes: 0 it would be granted, or is; 1 it would wait, or there is no such request; 122 no node answers.
        """;

    public static Command Make(Terminal terminal)
    {
        var cluster = new ClusterOptions();
        var locks = new LockArguments();
        var id = new Option<string?>("--id") { Description = "A request that waits, instead of paths" };
        var command = new DescribedCommand("explain", Description) { id, locks.Write, locks.Read, cluster.Nodes, cluster.Namespace, cluster.Json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(id) is null)
            {
                locks.NeedsResources(result);
            }
        });
        command.SetAction(async (parsed, token) =>
        {
            using var api = cluster.Api(parsed);
            var answer = await api.PostAsync("/v1/explain", Question(parsed.GetRequiredValue(cluster.Namespace), parsed.GetValue(id), locks.Resources(parsed)), token);
            if (parsed.GetValue(cluster.Json))
            {
                await terminal.Out.WriteLineAsync(answer.Pretty());
            }
            else
            {
                await ShowAsync(terminal, answer);
            }

            return answer.Is("wouldBeGranted") || answer.Text("state") == "acquired" ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static async Task ShowAsync(Terminal terminal, JsonElement answer)
    {
        var chain = answer.List("chain").ToList();
        await terminal.Out.WriteLineAsync(
            answer.Text("state") == "acquired" ? "It is held."
            : answer.Text("state") == "gone" ? "There is no such request (any more)."
            : answer.Is("wouldBeGranted") ? "It would be granted now."
            : $"It waits for {chain.Count}{(answer.Is("more") ? " and more" : "")} to leave:");
        if (chain.Count == 0)
        {
            return;
        }

        var table = Grids.Make("ID", "STATE", "RESOURCES", "WHO", "SINCE", "WAITS FOR");
        foreach (var request in chain)
        {
            var isHeld = request.Text("state") == "acquired";
            table.Row(
                request.Text("id"),
                isHeld ? "held" : "waits",
                request.Resources(),
                request.Text("label") is { Length: > 0 } label ? label : request.Text("session")?[..8],
                request.Since(isHeld ? "acquiredAt" : "enqueuedAt"),
                string.Join(", ", request.List("blockedBy").Select(blocker => blocker.ToString())));
        }

        terminal.Tables().Write(table);
    }

    private static string Question(string space, string? id, LockResource[] resources)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("namespace", space);
            if (id is not null)
            {
                json.WriteString("id", id);
            }
            else
            {
                json.WriteStartArray("resources");
                foreach (var resource in resources)
                {
                    json.WriteStartObject();
                    json.WriteString("type", resource.Type == LockType.Write ? "write" : "read");
                    json.WriteStartArray("path");
                    foreach (var segment in resource.Path)
                    {
                        json.WriteStringValue(segment);
                    }

                    json.WriteEndArray();
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
