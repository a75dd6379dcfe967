// Asks any node who holds and who waits in one namespace, again and again: GET /v1/fence, GET /v1/locks, POST
// /v1/explain. What is answered must be as new as whatever was answered before the question.
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using RaftLocks.Chaos.Checkers.Linearizability;
using RaftLocks.Chaos.Testbed;

namespace RaftLocks.Chaos.Workload;

/// <summary>One reader.</summary>
internal sealed class QueueReader(
    string ns,
    ICluster cluster,
    int seed,
    Clock clock,
    QueueBoard board,
    Action<Reading> record
) : IDisposable
{
    // A page of so many is a picture of one moment.
    private const int PageLimit = 16;

    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false })
    {
        Timeout = TimeSpan.FromSeconds(5),
    };
    private readonly Random random = new(seed);

    /// <summary>Reads until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var mix = new QueueMix(random);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var node = cluster.AnyRunning(random).Url;
                if (await ReadAsync(node, mix) is { } seen)
                {
                    record(new Reading(ns, seen));
                }
            }
            catch (Exception e)
                when (e
                        is HttpRequestException
                            or SocketException
                            or OperationCanceledException
                            or TimeoutException
                            or IOException
                )
            {
                // Nothing was read.
                await Task.Delay(random.Next(100), CancellationToken.None);
            }

            await Task.Delay(random.Next(50), CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private Task<Operation?> ReadAsync(Uri node, QueueMix mix)
    {
        var id = board.OneOf(ns, random);
        switch (random.Next(4))
        {
            case 0:
                return AskAsync(
                    () => http.GetAsync(new Uri(node, $"/v1/fence?namespace={ns}&id={Text(id)}")),
                    (call, answer, json) => new Look(call, answer, id, StandingOf(json), Writes(json), "/v1/fence")
                );
            case 1:
                return AskAsync(
                    () => http.GetAsync(new Uri(node, $"/v1/locks?namespace={ns}&limit={PageLimit}")),
                    (call, answer, json) =>
                        new Page(
                            call,
                            answer,
                            [
                                .. json.GetProperty("requests")
                                    .EnumerateArray()
                                    .Select(row => (Id(row.GetProperty("id")), StandingOf(row))),
                            ],
                            UpTo(json),
                            AtLeast: 0
                        )
                );
            case 2:
                var resources = mix.Resources();
                return AskAsync(
                    () =>
                        http.PostAsJsonAsync(
                            new Uri(node, "/v1/explain"),
                            new { @namespace = ns, resources = resources.Select(WireResource.Of) },
                            WireResource.Json
                        ),
                    (call, answer, json) =>
                        new Explain(call, answer, resources, Blockers(json))
                        {
                            WouldBeAcquired = json.GetProperty("wouldBeGranted").GetBoolean(),
                        }
                );
            default:
                return AskAsync(
                    () => http.PostAsJsonAsync(new Uri(node, "/v1/explain"), new { @namespace = ns, id = Text(id) }),
                    (call, answer, json) => new ExplainId(call, answer, id, StandingOf(json), Blockers(json))
                );
        }
    }

    private async Task<Operation?> AskAsync(
        Func<Task<HttpResponseMessage>> ask,
        Func<double, double, JsonElement, Operation> read
    )
    {
        var call = clock.Now;
        using var response = await ask();
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return null;
        }

        var body = await response.Content.ReadAsStringAsync();
        var answer = clock.Now;
        using var json = JsonDocument.Parse(body);
        return read(call, answer, json.RootElement);
    }

    private static string Text(ulong id) => id.ToString(CultureInfo.InvariantCulture);

    private static ulong Id(JsonElement id) => ulong.Parse(id.GetString()!, CultureInfo.InvariantCulture);

    private static Standing StandingOf(JsonElement row) =>
        row.GetProperty("state").GetString() switch
        {
            "acquired" => Standing.Acquired,
            "enqueued" => Standing.Enqueued,
            _ => Standing.Gone,
        };

    private static bool Writes(JsonElement row) =>
        row.GetProperty("resources")
            .EnumerateArray()
            .Any(resource => resource.GetProperty("type").GetString() == "write");

    private static ulong? UpTo(JsonElement page) =>
        page.GetProperty("more").GetBoolean() ? Id(page.GetProperty("cursor")) : null;

    private static ulong[] Blockers(JsonElement explanation) =>
        [.. explanation.GetProperty("blockedBy").EnumerateArray().Select(Id)];
}
