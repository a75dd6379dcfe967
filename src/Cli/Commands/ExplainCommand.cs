// "raftlocks explain": would this lock be acquired now, and if not, which requests must end first.
using System.CommandLine;
using RaftLocks.Api;
using RaftLocks.Cli.Locks;
using RaftLocks.Cli.Shared;
using RaftLocks.Client;

namespace RaftLocks.Cli.Commands;

internal static class ExplainCommand
{
    private const string Description = """
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
        var command = new DescribedCommand("explain", Description) { id, locks.Write, locks.Read, locks.Raw }.With([
            .. cluster.Where,
            cluster.Namespace,
            cluster.Json,
        ]);
        command.Validators.Add(result =>
        {
            if (result.GetValue(id) is null)
            {
                locks.NeedsResources(result, "--id ID");
            }
        });
        command.SetAction(
            async (parsed, token) =>
            {
                using var api = cluster.Api(terminal, parsed);
                var wanted = parsed.GetValue(id) is null ? locks.Resources(parsed).Select(ToResource).ToList() : null;
                var asked = new ExplainRequest(cluster.Target(parsed).Namespace, parsed.GetValue(id), wanted);
                var (answer, bytes) = await api.SendAsync(ApiRequests.Explain(asked), token);
                if (parsed.GetValue(cluster.Json))
                {
                    await terminal.Out.WriteLineAsync(ResponseJson.Pretty(bytes));
                }
                else
                {
                    await ShowAsync(terminal, answer);
                }

                return answer.WouldBeGranted || answer.State == RequestState.Acquired
                    ? ExitCodes.Done
                    : ExitCodes.Failed;
            }
        );
        return command;
    }

    private static Resource ToResource(LockResource resource) =>
        new(resource.Type == LockType.Write ? "write" : "read", [.. resource.Path]);

    private static async Task ShowAsync(Terminal terminal, ExplainResponse answer)
    {
        await terminal.Out.WriteLineAsync(
            answer.State == RequestState.Acquired ? "It is held."
            : answer.State == RequestState.Gone ? "There is no such request (any more)."
            : answer.WouldBeGranted ? "It would be granted now."
            : $"It waits for {answer.Chain.Count}{(answer.More ? " and more" : "")} to leave:"
        );
        if (answer.Chain.Count == 0)
        {
            return;
        }

        var table = Grids.Make("ID", "STATE", "RESOURCES", "WHO", "SINCE", "WAITS FOR");
        foreach (var request in answer.Chain)
        {
            table.Row(
                Cells.Shown(request.Id),
                request.IsHeld ? "held" : "waits",
                Cells.Resources(request.Resources),
                Cells.Who(request.Label, request.Session) ?? "",
                Cells.Since(request.IsHeld ? request.AcquiredAt : request.EnqueuedAt),
                Cells.Shown(string.Join(", ", request.BlockedBy ?? []))
            );
        }

        terminal.Tables().Write(table);
    }
}
