// "raftlocks revoke": ends a request, with a reason that everybody can read later.
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using RaftLocks.Api;
using RaftLocks.Cli.Shared;
using RaftLocks.Client;
using RaftLocks.Ledger;

namespace RaftLocks.Cli.Commands;

internal static class RevokeCommand
{
    // The node's own bound.
    private static readonly TimeSpan LongestGrace = TimeSpan.FromHours(1);

    // The first to be asked is told the grace that was given, to the millisecond.
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(1);

    private const string Description = """
        Ends a request: its holder is told, and the lock passes on when it is released or after --grace. With --force it passes on at once, whatever the holder is doing:
        only its fencing token protects what it still writes. A request that waits is removed at once.

        Examples:
          raftlocks revoke 17 --reason "stuck since the deployment"
          raftlocks revoke 17 --reason "host is gone" --force --yes

        Exit codes: 0 it is over; 1 refused, or there is no such request (any more); 122 no node answers; 130 not confirmed.
        """;

    public static Command Make(Terminal terminal)
    {
        var cluster = new ClusterOptions();
        var id = new Argument<string>("ID") { Description = "The request's id, as ls shows it" };
        var reason = new Option<string>("--reason")
        {
            Description = "Why; it is told to the holder and kept in the history",
            Required = true,
        };
        var grace = Durations.Option(
            "--grace",
            "How long the holder has to finish, up to 1h",
            TimeSpan.FromSeconds(10),
            LongestGrace
        );
        var force = new Option<bool>("--force") { Description = "No grace: the lock passes on at once" };
        var yes = new Option<bool>("--yes", "-y") { Description = "Does not ask whether you mean it" };
        var command = new DescribedCommand("revoke", Description) { id, reason, grace, force, yes }.With([
            .. cluster.Where,
            cluster.Namespace,
            cluster.Json,
        ]);
        id.Validators.Add(result =>
        {
            if (
                result.Tokens is [{ Value: var text }]
                && !ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            )
            {
                result.AddError($"ID '{text}' is no number such as 17.");
            }
        });
        command.SetAction(
            async (parsed, token) =>
            {
                using var api = cluster.Api(terminal, parsed);
                var (space, request) = (cluster.Target(parsed).Namespace, parsed.GetRequiredValue(id));
                var isForced = parsed.GetValue(force);
                if (!parsed.GetValue(yes) && !await ConfirmAsync(terminal, api, space, request, isForced, token))
                {
                    await terminal.Error.WriteLineAsync("Nothing was done.");
                    return ExitCodes.Interrupted;
                }

                // Another leader that has to be asked again grants what is left of the grace.
                var granted = isForced ? TimeSpan.Zero : parsed.GetValue(grace).Time;
                var startedAt = Stopwatch.GetTimestamp();
                RevokeRequest Order()
                {
                    var elapsed = Stopwatch.GetElapsedTime(startedAt);
                    var left = elapsed < AtOnce ? granted : granted - elapsed;
                    var graceMs = left > TimeSpan.Zero ? (long)left.TotalMilliseconds : 0;
                    return new RevokeRequest(space, request, parsed.GetRequiredValue(reason), graceMs, isForced);
                }

                var (answer, bytes) = await api.SendAsync(ApiRequests.Revoke(Order, granted), token);
                var told = answer.Outcome switch
                {
                    RevokeOutcomes.Released => $"{request} was released by its holder.",
                    RevokeOutcomes.Gone => $"There is no request {request} in '{PrintableText.Of(space)}' (any more).",
                    _ => $"{request} is revoked.",
                };
                await terminal.Out.WriteLineAsync(parsed.GetValue(cluster.Json) ? ResponseJson.Pretty(bytes) : told);
                return answer.Outcome == RevokeOutcomes.Gone ? ExitCodes.Failed : ExitCodes.Done;
            }
        );
        return command;
    }

    private static async Task<bool> ConfirmAsync(
        Terminal terminal,
        ApiClient api,
        string space,
        string id,
        bool isForced,
        CancellationToken token
    )
    {
        var (request, _) = await api.SendAsync(ApiRequests.Fence(space, id), token);
        if (request.State == RequestState.Gone)
        {
            throw new RaftLocksException($"There is no request {id} in '{space}' (any more).");
        }

        var (state, resources) = (Cells.Shown(request.State), Cells.Resources(request.Resources));
        var how = isForced ? " BY FORCE" : "";
        await terminal.Error.WriteAsync(
            $"{id} in '{PrintableText.Of(space)}' is {state}: {resources}. Revoke it{how}? [y/N] "
        );
        await terminal.Error.FlushAsync(token);
        return (await Task.Run(terminal.In.ReadLine, token).WaitAsync(token))?.Trim() is "y" or "Y" or "yes";
    }
}
