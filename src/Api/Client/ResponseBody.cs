// Reads what a node answers, up to a bound: an answer may go on for ever.
using System.Text;

namespace RaftLocks.Api;

internal static class ResponseBody
{
    /// <summary>Reads the whole answer.</summary>
    /// <exception cref="NoAnswerException">It is too long.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream answer, int maxBytes, CancellationToken token)
    {
        var whole = new MemoryStream();
        var part = new byte[ApiLimits.ReadBytes];
        while (await answer.ReadAsync(part, token) is > 0 and var count)
        {
            if (whole.Length + count > maxBytes)
            {
                throw new NoAnswerException(
                    maxBytes >= 1 << 20
                        ? $"its answer is longer than {maxBytes >> 20} MiB"
                        : $"its answer is longer than {maxBytes >> 10} KiB"
                );
            }

            whole.Write(part, 0, count);
        }

        return whole.GetBuffer().AsMemory(0, (int)whole.Length);
    }

    /// <summary>The sentence of a refusal; empty for nothing.</summary>
    public static async Task<string> SentenceAsync(Stream answer, CancellationToken token)
    {
        using var reader = new StreamReader(answer, Encoding.UTF8);
        var text = new char[ApiLimits.MaxSentenceLength + 1];
        var length = await reader.ReadBlockAsync(text, token);
        var isCut = length == text.Length;
        var sentence = new string(text, 0, isCut ? length - 1 : length).Trim();

        // A page for a browser is another program's, and no sentence.
        return sentence.StartsWith('<') ? "" : sentence + (isCut ? "…" : "");
    }
}
