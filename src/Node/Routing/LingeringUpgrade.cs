// A client may send its close and end TCP's sending at once. The forwarder takes the end of what the client sends for
// the end of everything, and the leader's answer to the close would be lost. So that end is held back for a moment
// after a close, until the leader has answered.
// The other way round a client may be in the middle of a long message when the leader closes. TCP breaks a connection
// off that is ended with unread bytes in it, and the leader's close would be lost. So they are read first.
using System.Buffers;
using Microsoft.AspNetCore.Http.Features;
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Routing;

/// <summary>Replaces the server's upgrade of a connection that is forwarded.</summary>
internal sealed class LingeringUpgrade(IHttpUpgradeFeature inner) : IHttpUpgradeFeature, IAsyncDisposable
{
    private const int DrainBufferBytes = 16 * 1024;
    private LingeringStream? upgraded;

    /// <inheritdoc/>
    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    /// <inheritdoc/>
    public async Task<Stream> UpgradeAsync() => upgraded = new LingeringStream(await inner.UpgradeAsync());

    /// <summary>
    /// Reads what the client still sends after the leader has closed, until its answer to the close, its end, or the
    /// time for a close is over.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (upgraded is null)
        {
            return;
        }

        using var bound = new CancellationTokenSource(TimeSpan.FromMilliseconds(Limits.CloseHandshakeMs));
        var buffer = ArrayPool<byte>.Shared.Rent(DrainBufferBytes);
        try
        {
            while (!upgraded.IsOver && await upgraded.ReadAsync(buffer, bound.Token) > 0) { }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The client is gone, or answers no close.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            await upgraded.DisposeAsync();
        }
    }

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

        /// <summary>Whether the client has closed, or is gone.</summary>
        public bool IsOver { get; private set; }

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
                IsOver = closes = EndsWithClose(buffer.Span[..count]);
            }
            else if (!buffer.IsEmpty)
            {
                IsOver = true;
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
