// Asks other members, at their internal addresses. A node that does not answer, or answers what makes no sense, is a
// null: the caller asks again.
using RaftLocks.Api;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Membership;

internal sealed class MemberClient(TlsClient? tls = null) : IDisposable
{
    // The members speak for themselves, at once or never: no other node, no proxy, no second attempt, no token.
    private readonly ApiClient api = new(
        new ApiClientOptions
        {
            Nodes = () => [],
            MaxRedirects = 0,
            UseProxy = false,
            MaxResponseBytes = Limits.MaxMemberAnswerBytes,
            ResponseTimeout = TimeSpan.FromMilliseconds(Limits.MemberAnswerMs),
            Tls = tls,
        }
    );

    /// <summary>Asks the node at an address who it is.</summary>
    public Task<NodeResponse?> NodeAsync(Uri node, CancellationToken token) =>
        AskAsync(node, ApiRequests.Node(), token);

    /// <summary>A member's view of the cluster, with the digests at the last indexes.</summary>
    public Task<ClusterResponse?> ClusterAsync(Member member, CancellationToken token) =>
        AskAsync(member.InternalUrl, ApiRequests.Cluster(recent: true), token);

    /// <inheritdoc/>
    public void Dispose() => api.Dispose();

    private async Task<T?> AskAsync<T>(Uri node, ApiRequest<T> request, CancellationToken token)
        where T : class
    {
        try
        {
            return (await api.SendAsync(node, request, token)).Value;
        }
        catch (ApiException)
        {
            return null;
        }
    }
}
