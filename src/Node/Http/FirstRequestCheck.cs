// Checks the first request of a connection before the web server reads it. The server itself refuses what it can't read
// with a bare status; a sentence helps a person to repair the client. Only requests that it would refuse anyway are
// refused here. Valid requests, and all later ones, are not touched.
using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Http;

internal static class FirstRequestCheck
{
    private const byte TlsHandshake = 0x16;

    private static readonly TimeSpan HeadTimeout = TimeSpan.FromMilliseconds(Limits.SlowQuestionMs);
    private static readonly SearchValues<byte> Visible = SearchValues.Create([
        .. Enumerable.Range(0x21, 0x7E - 0x20).Select(i => (byte)i),
    ]);

    /// <summary>The connection's middleware.</summary>
    public static ConnectionDelegate Use(ConnectionDelegate next) =>
        async connection =>
        {
            if (await RefusalOfAsync(connection.Transport.Input) is { } refusal)
            {
                await connection.Transport.Output.WriteAsync(Answer(refusal.Status, refusal.Sentence));
                await connection.Transport.Output.CompleteAsync();
                return;
            }

            await next(connection);
        };

    /// <summary>
    /// Says what is wrong with the beginning of a request; null if nothing is, or not enough has come to say so.
    /// </summary>
    public static (string Status, string Sentence)? Check(in ReadOnlySequence<byte> head, out bool isWhole)
    {
        var bytes = head.IsSingleSegment ? head.FirstSpan : head.ToArray();
        isWhole = true;
        if (bytes.IsEmpty || bytes[0] == TlsHandshake)
        {
            return null;
        }

        var end = bytes.IndexOf((byte)'\n');
        if ((end < 0 ? bytes.Length : end) > Limits.MaxRequestLineBytes)
        {
            return (
                "414 URI Too Long",
                $"The request line is longer than {Limits.MaxRequestLineBytes} bytes: a namespace has at most "
                    + $"{Limits.MaxNamespaceBytes}."
            );
        }

        if (end < 0)
        {
            isWhole = false;
            return null;
        }

        // The server handles an empty line before the request; before HTTP/1.1 no Host was needed.
        var line = bytes[..end].TrimEnd((byte)'\r');
        return line.IsEmpty ? null : CheckLine(line) ?? (line.EndsWith("HTTP/1.1"u8) ? CheckHost(bytes[end..]) : null);
    }

    private static async ValueTask<(string Status, string Sentence)?> RefusalOfAsync(PipeReader input)
    {
        using var tooLong = new CancellationTokenSource(HeadTimeout);
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(tooLong.Token);
                var refusal = Check(read.Buffer, out var isWhole);

                // The server reads the same bytes again.
                var goesOn = isWhole || read.IsCompleted;
                input.AdvanceTo(read.Buffer.Start, goesOn ? read.Buffer.Start : read.Buffer.End);
                if (goesOn)
                {
                    return refusal;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Slow ones are the server's to judge.
            return null;
        }
    }

    private static (string Status, string Sentence)? CheckLine(ReadOnlySpan<byte> line)
    {
        var first = line.IndexOf((byte)' ');
        var last = line.LastIndexOf((byte)' ');
        if (first <= 0 || last <= first || !line[(last + 1)..].StartsWith("HTTP/"u8))
        {
            return ("400 Bad Request", "This is no HTTP request: send e.g. GET /v1?namespace=NAME HTTP/1.1.");
        }

        return line[(first + 1)..last].ContainsAnyExcept(Visible)
            ? (
                "400 Bad Request",
                "The address has a character that must be percent-encoded as UTF-8, as in ?namespace=gr%C3%B6%C3%9Fe."
            )
            : null;
    }

    // Only where the whole head has come at once, as it does in nearly all cases.
    private static (string Status, string Sentence)? CheckHost(ReadOnlySpan<byte> fields)
    {
        var end = fields.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return null;
        }

        foreach (var range in fields[..end].Split((byte)'\n'))
        {
            var field = fields[range];
            if (field.Length > 5 && Ascii.EqualsIgnoreCase(field[..5], "host:"u8))
            {
                return null;
            }
        }

        return ("400 Bad Request", "The request has no Host: send the header, as in Host: 127.0.0.1:9009.");
    }

    private static byte[] Answer(string status, string sentence) =>
        Encoding.ASCII.GetBytes(
            string.Create(
                CultureInfo.InvariantCulture,
                $"HTTP/1.1 {status}\r\nContent-Length: {sentence.Length + 1}\r\nConnection: "
                    + $"close\r\nContent-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n"
                    + $"X-Content-Type-Options: nosniff\r\n\r\n{sentence}\n"
            )
        );
}
