// Asks other nodes who they are. A node that does not answer is a null, not an error: the caller asks again.
using System.Net.Http.Json;
using System.Text.Json;
using RaftLocks.Node.Http;
using RaftLocks.Node.Settings;

namespace RaftLocks.Node.Membership;

internal sealed class Peers : IDisposable
{
    private readonly HttpClient client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromMilliseconds(Limits.PeerAnswerMs),
        MaxResponseContentBufferSize = Limits.MaxPeerAnswerBytes,
    };

    /// <summary>What the node at an address says of itself.</summary>
    public async Task<NodeView?> AskAsync(Uri node, CancellationToken token)
    {
        try
        {
            return await client.GetFromJsonAsync(new Uri(node, "/v1/node"), JsonShapes.Default.NodeView, token);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or NotSupportedException || (e is OperationCanceledException && !token.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();
}
