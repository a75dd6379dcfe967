// "raftlocks elect --watch": who leads, as it changes. While no node answers the last one stays, and it is said that it
// is old.
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using RaftLocks.Api;
using RaftLocks.Cli.Shared;
using RaftLocks.Ledger;

namespace RaftLocks.Cli.Locks;

internal sealed class ElectionWatch(Terminal terminal, ClusterOptions cluster, ParseResult parsed, string[] path)
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(500);

    /// <summary>Ends by cancellation only.</summary>
    public async Task<int> RunAsync(CancellationToken token)
    {
        using var api = cluster.Api(terminal, parsed);
        var wanted = ApiRequests.Locks(
            new LocksRequest(cluster.Target(parsed).Namespace)
            {
                Path = JsonSerializer.Serialize(path),
                Scope = "itself",
                State = RequestState.Acquired,
            }
        );
        var (last, problem) = ("?", "");
        while (true)
        {
            try
            {
                var (page, _) = await api.SendAsync(wanted, token);
                problem = "";
                var leader = page.Requests.FirstOrDefault(request =>
                    request.Resources.Any(resource => resource.Type == "write")
                );
                var term = leader?.Id ?? "";
                if (term != last)
                {
                    last = term;
                    await TellAsync(leader, token);
                }
            }
            catch (Exception e) when (e is ApiException && e.Message != problem)
            {
                problem = e.Message;
                await terminal.Error.WriteLineAsync($"Not up to date: {PrintableText.Of(problem)}");
            }
            catch (ApiException)
            {
                // Said already.
            }

            await Task.Delay(Refresh, token);
        }
    }

    private async Task TellAsync(RequestInfo? leader, CancellationToken token)
    {
        var now = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var name = leader is null ? null : Cells.Who(leader.Label, leader.Session) ?? "somebody";
        var term = Cells.Shown(leader?.Id);
        await terminal.Out.WriteLineAsync(
            parsed.GetValue(cluster.Json)
                ? JsonSerializer.Serialize(
                    new Dictionary<string, string?>(StringComparer.Ordinal)
                    {
                        ["time"] = now,
                        ["leader"] = name,
                        ["term"] = term,
                    }
                )
            : name is null ? $"{now}  nobody leads"
            : $"{now}  {name} leads in term {term}"
        );
        await terminal.Out.FlushAsync(token);
    }
}
