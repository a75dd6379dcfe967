// Reads a node's whole history, page by page (GET /v1/history).
using System.Globalization;
using System.Net;
using System.Text.Json;
using RaftLocks.Chaos.Testbed;

namespace RaftLocks.Chaos.Checkers;

/// <summary>The history that a node reports.</summary>
/// <param name="Events">Every event of the namespaces asked for.</param>
/// <param name="Ids">The id of each request that had a mark, by the mark.</param>
/// <param name="HasGaps">Whether it says that it does not know all.</param>
internal sealed record ReportedHistory(HashSet<ReportedEvent> Events, Dictionary<string, ulong> Ids, bool HasGaps)
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The first complete history among the nodes', or all of their incomplete ones together; of entries up to an index
    /// at least.
    /// </summary>
    public static async Task<ReportedHistory> ReadAsync(ICluster cluster, IEnumerable<string> namespaces, long upTo)
    {
        var together = new ReportedHistory([], [], HasGaps: true);
        foreach (var node in cluster.Nodes)
        {
            var told = await ReadAsync(node, namespaces, upTo);
            if (!told.HasGaps)
            {
                return told;
            }

            together.Events.UnionWith(told.Events);
        }

        return together;
    }

    private static async Task<ReportedHistory> ReadAsync(INode node, IEnumerable<string> namespaces, long upTo)
    {
        var told = new HashSet<ReportedEvent>();
        var ids = new Dictionary<string, ulong>(StringComparer.Ordinal);
        var hasGaps = false;
        foreach (var ns in namespaces)
        {
            var path = $"/v1/history?order=oldest&limit=1000&namespace={Uri.EscapeDataString(ns)}";
            string? cursor = null;
            do
            {
                using var page = JsonDocument.Parse(
                    await PageAsync(node, cursor is null ? path : $"{path}&cursor={Uri.EscapeDataString(cursor)}", upTo)
                );
                hasGaps |= page.RootElement.GetProperty("gaps").GetArrayLength() > 0;
                foreach (var happened in page.RootElement.GetProperty("events").EnumerateArray())
                {
                    told.Add(new ReportedEvent(ns, IdOf(happened), happened.GetProperty("event").GetString()!));
                    if (happened.TryGetProperty("ref", out var mark))
                    {
                        ids[mark.GetString()!] = IdOf(happened);
                    }
                }

                cursor = page.RootElement.GetProperty("more").GetBoolean()
                    ? page.RootElement.GetProperty("cursor").GetString()
                    : null;
            } while (cursor is not null);

            // A journal that begins later reports no gap: it was begun anew, or its oldest part was deleted.
            hasGaps |= !told.Any(happened => happened.Namespace == ns && happened.Id == 1);
        }

        return new ReportedHistory(told, ids, hasGaps);
    }

    private static ulong IdOf(JsonElement happened) =>
        happened.TryGetProperty("id", out var id) ? ulong.Parse(id.ToString(), CultureInfo.InvariantCulture) : 0;

    // The journal is written a little behind the state, and few may ask at once.
    /// <exception cref="TimeoutException">The node did not answer, or did not get so far.</exception>
    private static async Task<string> PageAsync(INode node, string path, long upTo)
    {
        using var timeout = new CancellationTokenSource(Bound);
        while (!timeout.IsCancellationRequested)
        {
            if (await node.Http.GetAsync(path) is { Status: HttpStatusCode.OK } answer)
            {
                using var page = JsonDocument.Parse(answer.Body);
                if (page.RootElement.GetProperty("index").GetInt64() >= upTo)
                {
                    return answer.Body;
                }
            }

            await Task.Delay(AskAgain, CancellationToken.None);
        }

        throw new TimeoutException(
            $"{node.Name} did not tell its history up to index {upTo} within {Bound.TotalSeconds:F0} s."
        );
    }
}
