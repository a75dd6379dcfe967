// Why a connection is closed: a code, and a reason for the person who has to repair the client. A close frame has room
// for 123 bytes of reason, so reasons are written to fit, and what does not is cut.
using System.Text;

namespace RaftLocks.Protocol;

/// <summary>Why a connection is closed.</summary>
public sealed record Refusal
{
    /// <summary>Makes a refusal; a reason that is too long for a close frame is cut at a whole character.</summary>
    public Refusal(int closeCode, string reason)
    {
        CloseCode = closeCode;
        Reason = Shorten(reason, CloseCodes.MaxReasonBytes);
    }

    /// <summary>One of <see cref="CloseCodes"/>.</summary>
    public int CloseCode { get; }

    /// <summary>Names the error and says what to send instead; at most 123 bytes of UTF-8.</summary>
    public string Reason { get; }

    /// <summary>Makes the refusal of an error of the client.</summary>
    public static Refusal BadInput(string reason) => new(CloseCodes.BadInput, reason);

    /// <summary>
    /// The longest beginning of <paramref name="text"/> that is valid and has at most so many bytes of UTF-8.
    /// </summary>
    internal static string Shorten(string text, int maxBytes)
    {
        var bytes = 0;
        var chars = 0;
        while (
            chars < text.Length
            && Rune.TryGetRuneAt(text, chars, out var rune)
            && bytes + rune.Utf8SequenceLength <= maxBytes
        )
        {
            bytes += rune.Utf8SequenceLength;
            chars += rune.Utf16SequenceLength;
        }

        return text[..chars];
    }
}
