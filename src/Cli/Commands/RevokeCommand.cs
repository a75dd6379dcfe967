// "raftlocks revoke": ends somebody's request, with a reason that everybody can read later.
using System.CommandLine;
using System.Text.Json;
using RaftLocks.Cli.Shared;

namespace RaftLocks.Cli.Commands;

internal static class RevokeCommand
{
    private const string Description =
        """
        Ends a request: its holder is told, and the lock passes on when it is released or after --grace. With --force it passes on at once, whatever the holder is doing:
        only its fencing token protects what it still writes.

        Examples:
          raftlocks revoke 17 --reason "stuck since the deployment"
          raftlocks revoke 17 --reason "host is gone" --force --yes

        Exit codes: 0 it is over; 1 refused; 122 no node answers; 130 not confirmed.
        """;

    public static Command Make(Terminal terminal)
    {
        var cluster = new ClusterOptions();
        var id = new Argument<string>("ID") { Description = "The request's id, as ls shows it" };
        var reason = new Option<string>("--reason") { Description = "Why; it is told to the holder and kept in the history", Required = true };
        var grace = Durations.Option("--grace", "How long the holder has to finish", TimeSpan.FromSeconds(10));
        var force = new Option<bool>("--force") { Description = "No grace: the lock passes on at once" };
        var yes = new Option<bool>("--yes", "-y") { Description = "Does not ask whether you mean it" };
        var command = new DescribedCommand("revoke", Description) { id, reason, grace, force, yes, cluster.Nodes, cluster.Namespace, cluster.Token, cluster.Json };
        command.SetAction(async (parsed, token) =>
        {
            using var api = cluster.Api(parsed);
            var (space, request) = (parsed.GetRequiredValue(cluster.Namespace), parsed.GetRequiredValue(id));
            var isForced = parsed.GetValue(force);
            if (!parsed.GetValue(yes) && !await ConfirmAsync(terminal, api, space, request, isForced, token))
            {
                await terminal.Error.WriteLineAsync("Nothing was done.");
                return ExitCodes.Interrupted;
            }

            var graceMs = isForced ? 0 : (long)parsed.GetValue(grace)!.Value.TotalMilliseconds;
            var answer = await api.PostAsync("/v1/admin/revoke", Order(space, request, parsed.GetRequiredValue(reason), graceMs, isForced), token);
            await terminal.Out.WriteLineAsync(parsed.GetValue(cluster.Json) ? answer.Pretty() : answer.Text("outcome") switch
            {
                "released" => $"{request} was released by its holder.",
                "gone" => $"{request} is not there (any more).",
                _ => $"{request} is revoked.",
            });
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<bool> ConfirmAsync(Terminal terminal, NodeApi api, string space, string id, bool isForced, CancellationToken token)
    {
        var request = await api.GetAsync(Queries.Of("/v1/fence", ("namespace", space), ("id", id)), token);
        await terminal.Error.WriteAsync(
            $"{id} in '{space}' is {request.Text("state") ?? "unknown"}: {request.Resources()}. Revoke it{(isForced ? " BY FORCE" : "")}? [y/N] ");
        await terminal.Error.FlushAsync(token);
        return (await Task.Run(terminal.In.ReadLine, token).WaitAsync(token))?.Trim() is "y" or "Y" or "yes";
    }

    private static string Order(string space, string id, string reason, long graceMs, bool force)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("namespace", space);
            json.WriteString("id", id);
            json.WriteString("reason", reason);
            json.WriteNumber("graceMs", graceMs);
            json.WriteBoolean("force", force);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
