// A web server's answer to a handshake, as far as a handshake needs it.
using System.Globalization;
using System.Text;

namespace RaftLocks.Client.Wire;

/// <summary>An answer: its status, its headers and the beginning of what follows.</summary>
internal sealed class HttpResponseHead
{
    private const int MaxHeadBytes = 32 * 1024;
    private const int MaxBodyBytes = 4 * 1024;
    private static readonly byte[] HeadEnd = "\r\n\r\n"u8.ToArray();

    private readonly Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
    private readonly Stream stream;

    private HttpResponseHead(Stream stream, string head, ReadOnlyMemory<byte> rest)
    {
        this.stream = stream;
        Rest = rest;
        var lines = head.Split("\r\n");
        if (
            lines[0].Split(' ', 3) is not [['H', 'T', 'T', 'P', '/', ..], { Length: 3 } status, ..]
            || !int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var code)
        )
        {
            throw new InvalidDataException("is no web server");
        }

        Status = code;
        foreach (var line in lines.AsSpan(1))
        {
            if (line.IndexOf(':') is > 0 and var colon)
            {
                headers[line[..colon]] = line[(colon + 1)..].Trim();
            }
        }
    }

    public int Status { get; }

    /// <summary>The bytes that were read after the head.</summary>
    public ReadOnlyMemory<byte> Rest { get; }

    /// <summary>A header's value; null if there is none.</summary>
    public string? this[string header] => headers.GetValueOrDefault(header);

    /// <summary>Reads the head of an answer.</summary>
    /// <exception cref="InvalidDataException">It is no answer of a web server.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public static HttpResponseHead Read(Stream stream)
    {
        var buffer = new byte[MaxHeadBytes];
        for (var length = 0; ;)
        {
            var read =
                length < buffer.Length
                    ? stream.Read(buffer, length, buffer.Length - length)
                    : throw new InvalidDataException("answers with too long a head");
            if (read == 0)
            {
                throw length == 0
                    ? new IOException("closed the connection without an answer")
                    : new InvalidDataException("is no web server");
            }

            length += read;
            if (length >= 5 && !buffer.AsSpan().StartsWith("HTTP/"u8))
            {
                throw new InvalidDataException("is no web server");
            }

            if (buffer.AsSpan(0, length).IndexOf(HeadEnd) is >= 0 and var end)
            {
                var from = end + HeadEnd.Length;
                return new HttpResponseHead(
                    stream,
                    Encoding.Latin1.GetString(buffer, 0, end),
                    buffer.AsMemory(from, length - from)
                );
            }
        }
    }

    /// <summary>Reads what a refusal says, up to a limit.</summary>
    public string ReadBody()
    {
        var isChunked = this["Transfer-Encoding"]?.EndsWith("chunked", StringComparison.OrdinalIgnoreCase) == true;
        var wanted = int.TryParse(
            this["Content-Length"],
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var length
        )
            ? Math.Min(length, MaxBodyBytes)
            : MaxBodyBytes;
        var body = new MemoryStream();
        body.Write(Rest.Span);
        var buffer = new byte[MaxBodyBytes];
        try
        {
            while (body.Length < wanted && !(isChunked && EndsChunks(body)) && stream.Read(buffer) is > 0 and var read)
            {
                body.Write(buffer.AsSpan(0, read));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // What came so far has to do.
        }

        var text = Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)Math.Min(body.Length, wanted));
        return (isChunked ? Joined(text) : text).Trim();
    }

    private static bool EndsChunks(MemoryStream body) =>
        body.GetBuffer().AsSpan(0, (int)body.Length).EndsWith("0\r\n\r\n"u8);

    // A chunk is a line with its length in hexadecimal digits, its content, and an empty line.
    private static string Joined(string chunks)
    {
        var text = new StringBuilder();
        for (
            var line = chunks.IndexOf("\r\n", StringComparison.Ordinal);
            line > 0;
            line = chunks.IndexOf("\r\n", StringComparison.Ordinal)
        )
        {
            if (
                !int.TryParse(
                    chunks.AsSpan(0, line),
                    NumberStyles.AllowHexSpecifier,
                    CultureInfo.InvariantCulture,
                    out var length
                )
                || length <= 0
            )
            {
                break;
            }

            var content = chunks[(line + 2)..];
            text.Append(content.AsSpan(0, Math.Min(length, content.Length)));
            chunks = content.Length > length ? content[length..].TrimStart('\r', '\n') : "";
        }

        return text.ToString();
    }
}
