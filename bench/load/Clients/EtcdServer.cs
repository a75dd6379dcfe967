using Etcdserverpb;
using Google.Protobuf;
using Grpc.Net.Client;
using V3Lockpb;

namespace RaftLocks.Load.Clients;

// etcd's own lock service (v3lock): one HTTP/2 connection and one lease per client, all at the leader,
// as ours are. A lease is long enough not to need keeping alive during a run.

/// <summary>An etcd cluster, known by its leader's address.</summary>
internal sealed record EtcdServer(Uri Leader) : ILockServer
{
    private const long LeaseSeconds = 600;

    /// <inheritdoc />
    public async Task<ILocker> ConnectAsync(string load, int client, CancellationToken token)
    {
        var channel = GrpcChannel.ForAddress(
            Leader,
            new GrpcChannelOptions
            {
                HttpHandler = new SocketsHttpHandler { UseProxy = false },
                DisposeHttpClient = true,
            }
        );
        var lease = await new Lease.LeaseClient(channel).LeaseGrantAsync(
            new LeaseGrantRequest { TTL = LeaseSeconds },
            cancellationToken: token
        );
        return new EtcdLocker(
            channel,
            new LockRequest { Name = ByteString.CopyFromUtf8(Workload.KeyOf(load, client)), Lease = lease.ID }
        );
    }

    private sealed class EtcdLocker(GrpcChannel channel, LockRequest request) : ILocker
    {
        private readonly V3Lockpb.Lock.LockClient locks = new(channel);
        private ByteString held = ByteString.Empty;

        public async ValueTask AcquireAsync(CancellationToken token) =>
            held = (await locks.LockAsync(request, cancellationToken: token)).Key;

        public async ValueTask ReleaseAsync(CancellationToken token) =>
            await locks.UnlockAsync(new UnlockRequest { Key = held }, cancellationToken: token);

        public ValueTask DisposeAsync()
        {
            channel.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
