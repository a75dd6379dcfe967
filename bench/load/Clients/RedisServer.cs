using StackExchange.Redis;

namespace RaftLocks.Load.Clients;

// The usual lock on one Redis: SET NX PX with a random value, released by a script that compares it. Redis has no
// queue, so a client that finds the lock taken asks again after a millisecond. All clients share one
// multiplexed connection, as Redis is commonly used.

/// <summary>A Redis server.</summary>
internal sealed class RedisServer(IConnectionMultiplexer connection) : ILockServer
{
    /// <inheritdoc />
    public Task<ILocker> ConnectAsync(string load, int client, CancellationToken token) =>
        Task.FromResult<ILocker>(new RedisLocker(connection.GetDatabase(), Workload.KeyOf(load, client)));

    private sealed class RedisLocker(IDatabase database, RedisKey key) : ILocker
    {
        private const string CompareAndDelete =
            "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end";
        private static readonly TimeSpan Expiry = TimeSpan.FromMinutes(1);
        private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(1);
        private readonly RedisKey[] keys = [key];
        private readonly RedisValue[] token = [Guid.NewGuid().ToString("N")];

        public async ValueTask AcquireAsync(CancellationToken cancel)
        {
            while (!await database.StringSetAsync(key, token[0], Expiry, When.NotExists))
            {
                await Task.Delay(Poll, cancel);
            }
        }

        public async ValueTask ReleaseAsync(CancellationToken cancel) =>
            await database.ScriptEvaluateAsync(CompareAndDelete, keys, token);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
