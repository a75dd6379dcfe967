// What --head gives: a head by itself, or a node that is asked for its own.
using System.Globalization;
using System.Text.Json;
using RaftLocks.StateMachine;

namespace RaftLocks.Journal;

/// <summary>Reads heads that are given as text.</summary>
public static class KnownHeads
{
    private static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(10);

    /// <summary>Adds the heads that a text stands for; null, or what is wrong with it.</summary>
    public static async Task<string?> ReadAsync(string text, ICollection<KnownHead> heads, CancellationToken token)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
        {
            return await AskAsync(url!, heads, token);
        }

        if (text.Split(':') is [var index, var hex] && long.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && LedgerHash.TryParse(hex, out var head))
        {
            heads.Add(new KnownHead(number, head, "--head"));
            return null;
        }

        return "give INDEX:HEX (64 hexadecimal digits), or a node's URL, as in http://127.0.0.1:9009";
    }

    private static async Task<string?> AskAsync(Uri url, ICollection<KnownHead> heads, CancellationToken token)
    {
        using var client = new HttpClient { Timeout = AnswerBound };
        try
        {
            using var view = JsonDocument.Parse(await client.GetStringAsync(new Uri(url, "/v1/cluster"), token));
            var before = heads.Count;
            foreach (var mark in view.RootElement.GetProperty("digests").EnumerateArray().Append(view.RootElement.GetProperty("ledger")))
            {
                var index = mark.GetProperty("index").GetInt64();
                if (index > 0 && LedgerHash.TryParse(mark.GetProperty("ledger").GetString() ?? "", out var head))
                {
                    heads.Add(new KnownHead(index, head, url.GetLeftPart(UriPartial.Authority)));
                }
            }

            return heads.Count > before ? null : "the node has applied nothing yet, so it can't bear witness: give another";
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return "the node can't be asked: " + e.Message;
        }
    }
}
