// The connections of one node, of which some go silent: what is written goes nowhere, and nothing is ever read. They
// stay open, and new ones are accepted.
using System.Collections.Concurrent;
using System.Net;
using RaftLocks.Node.Raft.Transport;

namespace RaftLocks.Node.Tests.Raft;

internal sealed class SilentNetwork : IRaftNetwork
{
    private readonly SocketNetwork sockets = new();
    private readonly ConcurrentDictionary<EndPoint, bool> silent = [];

    public void Silence(EndPoint member) => silent[member] = true;

    public IRaftListener Listen(EndPoint endPoint) => sockets.Listen(endPoint);

    public async ValueTask<Stream> ConnectAsync(EndPoint endPoint, CancellationToken token) =>
        new SilentStream(await sockets.ConnectAsync(endPoint, token), () => silent.ContainsKey(endPoint));

    private sealed class SilentStream(Stream inner, Func<bool> isSilent) : MemoryStream
    {
        private readonly TaskCompletionSource<int> never = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken = default
        )
        {
            var read = isSilent() ? 0 : await inner.ReadAsync(buffer, cancellationToken);
            return isSilent() ? await never.Task.WaitAsync(cancellationToken) : read;
        }

        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer,
            CancellationToken cancellationToken = default
        ) => isSilent() ? ValueTask.CompletedTask : inner.WriteAsync(buffer, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            never.TrySetException(new IOException("closed"));
            base.Dispose(disposing);
        }
    }
}
