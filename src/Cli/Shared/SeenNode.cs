// All nodes of a cluster, each as it sees itself: those that were named, and the others that only those know.
using RaftLocks.Api;

namespace RaftLocks.Cli.Shared;

/// <summary>A node that was asked.</summary>
/// <param name="Url">Where.</param>
/// <param name="View">What it answered; null if nothing.</param>
internal sealed record SeenNode(Uri Url, ApiResponse<ClusterResponse>? View)
{
    /// <summary>Asks all of them at once.</summary>
    /// <exception cref="ApiUnreachableException">None of those that were named answers.</exception>
    public static async Task<List<SeenNode>> AskAllAsync(ApiClient api, SkippedNodes skipped, CancellationToken token)
    {
        var nodes = (await Task.WhenAll(api.Nodes.Select(node => AskAsync(api, node, skipped, token)))).ToList();
        if (nodes.All(node => node.View is null))
        {
            var names = string.Join(", ", api.Nodes.Select(node => node.Authority));
            throw new ApiUnreachableException($"No node answers ({names}).");
        }

        var known = nodes.Select(node => node.View?.Value.Name).ToHashSet(StringComparer.Ordinal);
        var asked = nodes.Select(node => node.Url.Authority).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var others = Members(nodes)
            .Where(member => UrlOf(member) is { } url && known.Add(member.Name) && asked.Add(url.Authority))
            .Select(member => UrlOf(member)!)
            .ToList();
        nodes.AddRange(await Task.WhenAll(others.Select(url => AskAsync(api, url, skipped, token))));
        return nodes;
    }

    /// <summary>Asks one node and no other; null, and a line on the error output, if it does not answer.</summary>
    public static async Task<ApiResponse<T>?> AskAsync<T>(
        ApiClient api,
        Uri node,
        ApiRequest<T> request,
        SkippedNodes skipped,
        CancellationToken token
    )
        where T : class
    {
        try
        {
            return await api.SendAsync(node, request, token);
        }
        catch (ApiException e)
        {
            var status = e is ApiRefusedException refused ? $"it answers {(int)refused.Status}: " : "";
            skipped.Tell(node, status + e.Message);
            return null;
        }
    }

    /// <summary>The members that the nodes know, each as often as one knows it.</summary>
    public static List<ClusterMember> Members(IEnumerable<SeenNode> nodes) =>
        [.. nodes.SelectMany(node => node.View?.Value.Members ?? [])];

    /// <summary>Where a member is asked; null if it says no address.</summary>
    public static Uri? UrlOf(ClusterMember member) =>
        Uri.TryCreate(member.ClientUrl, UriKind.Absolute, out var url) ? url : null;

    private static async Task<SeenNode> AskAsync(
        ApiClient api,
        Uri node,
        SkippedNodes skipped,
        CancellationToken token
    ) => new(node, await AskAsync(api, node, ApiRequests.Cluster(), skipped, token));
}
