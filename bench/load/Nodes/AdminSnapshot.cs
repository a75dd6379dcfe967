using RaftLocks.Cluster;

namespace RaftLocks.Load.Nodes;

/// <summary>Makes a leader take a snapshot, as "snapshot save" does, and discards it.</summary>
internal static class AdminSnapshot
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(5);

    /// <summary>Returns when it was taken and read to its end; its size in bytes.</summary>
    public static async Task<long> TakeAsync(NodeProcess leader)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Bound };
        using var answer = await http.GetAsync(
            new Uri(leader.Url, "/v1/admin/snapshot"),
            HttpCompletionOption.ResponseHeadersRead
        );
        answer.EnsureSuccessStatusCode();
        await answer.Content.CopyToAsync(Stream.Null);
        return answer.Content.Headers.ContentLength!.Value;
    }
}
