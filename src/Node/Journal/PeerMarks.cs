// Asks another node for its digests: GET /v1/cluster at its internal address.
using System.Globalization;
using System.Text.Json;
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Journal;

internal sealed class PeerMarks : IDisposable
{
    private const int MaxAnswerBytes = 1 << 20;

    private readonly HttpClient client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { MaxResponseContentBufferSize = MaxAnswerBytes };

    /// <summary>The digests that a member publishes.</summary>
    /// <exception cref="HttpRequestException">It does not answer.</exception>
    /// <exception cref="InvalidDataException">It answers something else.</exception>
    public async Task<IReadOnlyList<DigestMark>> AskAsync(Member member, CancellationToken token)
    {
        var text = await client.GetStringAsync(new Uri(member.InternalUrl, "/v1/cluster"), token);
        try
        {
            using var view = JsonDocument.Parse(text);
            return [.. view.RootElement.GetProperty("digests").EnumerateArray().Select(Read)];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{member.Name} answers what is no view of the cluster: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    private static DigestMark Read(JsonElement mark) =>
        LedgerHash.TryParse(mark.GetProperty("ledger").GetString() ?? "", out var head)
            ? new DigestMark(
                mark.GetProperty("index").GetInt64(),
                UInt128.Parse(mark.GetProperty("digest").GetString() ?? "", NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                head)
            : throw new FormatException("no head");
}
