// What "raftlocks verify --head" gives: a head by itself, or a node that is asked for its own.
using RaftLocks.Api;
using RaftLocks.Journal;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Cli.Commands;

internal static class GivenHeads
{
    /// <summary>Adds the heads that a text stands for; null, or what is wrong with it.</summary>
    public static async Task<string?> ReadAsync(
        string text,
        TlsClient tls,
        List<KnownHead> heads,
        CancellationToken token
    )
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
        {
            return await AskAsync(url!, tls, heads, token);
        }

        if (KnownHead.TryParse(text, "--head", out var head))
        {
            heads.Add(head);
            return null;
        }

        return "give INDEX:HEX (64 hexadecimal digits), or a node's URL, as in http://127.0.0.1:9009";
    }

    private static async Task<string?> AskAsync(Uri url, TlsClient tls, List<KnownHead> heads, CancellationToken token)
    {
        using var api = new ApiClient(new ApiClientOptions { Nodes = () => [url], Tls = tls });
        try
        {
            var (view, _) = await api.SendAsync(url, ApiRequests.Cluster(), token);
            var told = (view.Digests ?? []).Select(digest => (digest.Index, digest.Ledger));
            var origin = url.GetLeftPart(UriPartial.Authority);
            var before = heads.Count;
            foreach (var (index, hex) in view.Ledger is { } last ? told.Append((last.Index, last.Ledger)) : told)
            {
                if (index > 0 && LedgerHash.TryParse(hex, out var head))
                {
                    heads.Add(new KnownHead(index, head, origin));
                }
            }

            return heads.Count > before
                ? null
                : "the node has applied nothing yet, so it can't bear witness: give another";
        }
        catch (ApiException e)
        {
            return "the node can't be asked: " + e.Message;
        }
    }
}
