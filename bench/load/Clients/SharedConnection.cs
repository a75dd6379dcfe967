using System.Globalization;
using RaftLocks.Client;

namespace RaftLocks.Load.Clients;

// All clients as channels of one connection, through the .NET client as its users have it: the counterpart of Redis's
// one multiplexed connection. What the client does besides (pings, deadlines, traces) is part of what is measured.

/// <summary>The one connection; it is opened by the first lock.</summary>
internal sealed class SharedConnection(Uri url, string ns) : IAsyncDisposable
{
    private readonly RaftLocksClient locks = new(new RaftLocksOptions { Nodes = [url], Namespace = ns });

    /// <summary>One client's channel: its own resource, as in U.</summary>
    public ILocker Channel(int client) =>
        new Locker(locks, LockResource.Write("u", client.ToString(CultureInfo.InvariantCulture)));

    /// <inheritdoc />
    public ValueTask DisposeAsync() => locks.DisposeAsync();

    private sealed class Locker(IRaftLocksClient locks, LockResource resource) : ILocker
    {
        private readonly LockResource[] resources = [resource];
        private IHeldLock? held;

        public async ValueTask AcquireAsync(CancellationToken token) =>
            held = await locks.AcquireAsync(resources, cancellationToken: token);

        public ValueTask ReleaseAsync(CancellationToken token) => held!.DisposeAsync();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
