// A client may send its close and end TCP's sending at once. The forwarder takes the end of what the client sends for
// the end of everything, and the leader's answer to the close would be lost. So that end is held back for a moment
// after a close, until the leader has answered.
using Microsoft.AspNetCore.Http.Features;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Routing;

/// <summary>Replaces the server's upgrade of a connection that is forwarded.</summary>
internal sealed class LingeringUpgrade(IHttpUpgradeFeature inner) : IHttpUpgradeFeature
{
    /// <inheritdoc/>
    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    /// <inheritdoc/>
    public async Task<Stream> UpgradeAsync() => new LingeringStream(await inner.UpgradeAsync());

    /// <summary>
    /// Whether bytes that a client sent end with a close frame. It may be mistaken: what follows then comes a moment
    /// later.
    /// </summary>
    public static bool EndsWithClose(ReadOnlySpan<byte> sent)
    {
        const byte FinalClose = 0x88;
        const byte Masked = 0x80;
        const int HeadBytes = 6;
        const int MaxPayload = 125;
        for (var payload = 0; payload <= MaxPayload && payload + HeadBytes <= sent.Length; payload++)
        {
            var frame = sent[^(payload + HeadBytes)..];
            if (frame[0] == FinalClose && frame[1] == (Masked | payload))
            {
                return true;
            }
        }

        return false;
    }

    private sealed class LingeringStream(Stream inner) : Stream
    {
        private bool closes;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken = default
        )
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);
            if (count > 0)
            {
                closes = EndsWithClose(buffer.Span[..count]);
            }
            else if (!buffer.IsEmpty)
            {
                if (closes)
                {
                    // Cancelled when the leader has ended its side.
                    await Task.Delay(TimeSpan.FromMilliseconds(Limits.CloseHandshakeMs), cancellationToken);
                }

                // A client that is gone without a close: the leader is told about it at once, and not when the web
                // server gives the connection up.
                throw new IOException("The client has ended the connection.");
            }

            return count;
        }

        public override Task<int> ReadAsync(
            byte[] buffer,
            int offset,
            int count,
            CancellationToken cancellationToken
        ) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer,
            CancellationToken cancellationToken = default
        ) => inner.WriteAsync(buffer, cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            inner.WriteAsync(buffer, offset, count, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) =>
            throw new NotSupportedException("Only asynchronous reads.");

        public override void Write(byte[] buffer, int offset, int count) =>
            throw new NotSupportedException("Only asynchronous writes.");

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
