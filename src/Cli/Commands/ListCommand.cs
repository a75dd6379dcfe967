// "raftlocks ls": who holds what and who waits for it.
using System.CommandLine;
using System.Globalization;
using RaftLocks.Api;
using RaftLocks.Cli.Shared;
using RaftLocks.Ledger;
using Spectre.Console;

namespace RaftLocks.Cli.Commands;

internal static class ListCommand
{
    private const string Description = """
        Who holds what and who waits for it, since when, and at which place in line.

        Examples:
          raftlocks ls
          raftlocks ls orders/42 --watch          (that path, what lies above and beneath it)
          raftlocks ls --state enqueued --json
          raftlocks ls --watch --json             (a line of JSON whenever it has changed)
        """;

    public static Command Make(Terminal terminal)
    {
        var cluster = new ClusterOptions();
        var path = new Argument<string?>("PATH")
        {
            Description = "Only what touches this path",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var raw = LockPaths.RawOption();
        LockPaths.Check(path, raw);
        var scope = new Option<string?>("--scope")
        {
            Description = "Of the path: itself, above, beneath, or a list of them [all]",
        };
        var state = new Option<string?>("--state") { Description = "Only acquired, or only enqueued" };
        state.AcceptOnlyFromAmong("acquired", "enqueued");
        var limit = new Option<int>("--limit")
        {
            Description = "At most so many, up to 1000",
            DefaultValueFactory = _ => 100,
        };
        Ranges.Check(limit, 1, 1000);
        var cursor = new Option<string?>("--cursor") { Description = "Goes on from there, as the last answer said" };
        var watch = new Option<bool>("--watch") { Description = "Goes on, a look a second, until Ctrl-C" };
        var command = new DescribedCommand("ls", Description) { path, scope, state, limit, cursor, watch, raw }.With([
            .. cluster.Where,
            cluster.Namespace,
            cluster.Json,
        ]);
        command.SetAction(
            async (parsed, token) =>
            {
                using var api = cluster.Api(terminal, parsed);
                var space = cluster.Target(parsed).Namespace;
                var wanted = ApiRequests.Locks(
                    new LocksRequest(space)
                    {
                        Path = LockPaths.ToParameter(parsed.GetValue(path), parsed.GetValue(raw)),
                        Scope = parsed.GetValue(scope),
                        State = parsed.GetValue(state),
                        Limit = parsed.GetValue(limit),
                        Cursor = parsed.GetValue(cursor),
                    }
                );
                var isJson = parsed.GetValue(cluster.Json);
                if (parsed.GetValue(watch))
                {
                    var looks = new ListWatch(terminal, api, wanted, Table);
                    await (isJson ? looks.WriteAsync(token) : looks.ShowAsync(token));
                }

                var (page, bytes) = await api.SendAsync(wanted, token);
                if (isJson)
                {
                    await terminal.Out.WriteLineAsync(ResponseJson.Pretty(bytes));
                    return ExitCodes.Done;
                }

                terminal.Tables().Write(Table(page));
                if (page.More)
                {
                    await terminal.Error.WriteLineAsync(
                        $"There are more: --cursor {Cells.Shown(page.Cursor)}, or ask for one path."
                    );
                }
                else if (page.Requests.Count == 0)
                {
                    await terminal.Error.WriteLineAsync(
                        $"Nothing of the kind in the namespace '{PrintableText.Of(space)}'. Others: raftlocks "
                            + "namespaces, and --namespace."
                    );
                }

                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Table Table(LocksResponse page)
    {
        var table = Grids.Make("ID", "STATE", "RESOURCES", "WHO", "SINCE", "PLACE", "BEHIND");
        var labels = page
            .Requests.DistinctBy(request => request.Id, StringComparer.Ordinal)
            .ToDictionary(request => request.Id, request => request.Label, StringComparer.Ordinal);
        foreach (var request in page.Requests)
        {
            table.Row(
                Cells.Shown(request.Id),
                request.IsHeld ? "held" : "waits",
                Cells.Resources(request.Resources),
                Who(request),
                Cells.Since(request.IsHeld ? request.AcquiredAt : request.EnqueuedAt),
                request.IsHeld ? ""
                    : request.Place is { } place ? Cells.Number(place)
                    : null,
                request.IsHeld ? "" : Behind(request, labels)
            );
        }

        return table;
    }

    private static string Who(RequestInfo request) =>
        (request.Principal is { } principal ? Cells.Shown(principal) + ": " : "")
        + (Cells.Who(request.Label, request.Session) ?? "-")
        + (request.Connected ? "" : " (away)")
        + Silence(request);

    // Its connection is open, but its client answers nothing: it works without reading, or is frozen.
    private static string Silence(RequestInfo request) =>
        request.SilentMs is { } ms ? string.Create(CultureInfo.InvariantCulture, $" (silent for {ms / 1000} s)") : "";

    private static string? Behind(RequestInfo request, Dictionary<string, string?> labels)
    {
        var label = request.Blocker is { } blocker ? labels.GetValueOrDefault(blocker) : null;
        return Cells.Shown(string.IsNullOrEmpty(label) ? request.Blocker : $"{label} ({request.Blocker})");
    }
}
