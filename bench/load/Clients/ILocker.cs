namespace RaftLocks.Load.Clients;

// What the generator asks of a client of any lock server: take the lock, give it up, each confirmed by the server.

/// <summary>A client that takes and gives up one lock at a time.</summary>
internal interface ILocker : IAsyncDisposable
{
    /// <summary>Returns when the server says that the lock is held.</summary>
    ValueTask AcquireAsync(CancellationToken token);

    /// <summary>Returns when the server confirms the release.</summary>
    ValueTask ReleaseAsync(CancellationToken token);
}

/// <summary>A server under load.</summary>
internal interface ILockServer
{
    /// <summary>Opens what one client needs.</summary>
    /// <param name="load">U, C, H or T.</param>
    /// <param name="client">Its number, from 0.</param>
    /// <param name="token">Gives up.</param>
    Task<ILocker> ConnectAsync(string load, int client, CancellationToken token);
}
