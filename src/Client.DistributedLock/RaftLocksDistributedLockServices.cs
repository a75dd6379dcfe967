// DistributedLock's providers in an application's container of services.
using Medallion.Threading;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RaftLocks.Client;
using RaftLocks.Client.DistributedLock;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds DistributedLock's interfaces over RaftLocks to an application.</summary>
public static class RaftLocksDistributedLockServices
{
    /// <summary>
    /// Adds the providers of locks, reader-writer locks and semaphores; the client itself is added by AddRaftLocks.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="prefix">The path beneath which all locks lie; "distributed-lock" if it is empty.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddRaftLocksDistributedLock(
        this IServiceCollection services,
        params string[] prefix
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(provider => new RaftLocksDistributedSynchronizationProvider(
            provider.GetRequiredService<IRaftLocksClient>(),
            prefix
        ));
        services.TryAddSingleton<IDistributedLockProvider>(provider =>
            provider.GetRequiredService<RaftLocksDistributedSynchronizationProvider>()
        );
        services.TryAddSingleton<IDistributedReaderWriterLockProvider>(provider =>
            provider.GetRequiredService<RaftLocksDistributedSynchronizationProvider>()
        );
        services.TryAddSingleton<IDistributedSemaphoreProvider>(provider =>
            provider.GetRequiredService<RaftLocksDistributedSynchronizationProvider>()
        );
        return services;
    }
}
