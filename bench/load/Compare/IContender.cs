using RaftLocks.Load.Clients;

namespace RaftLocks.Load.Compare;

// Who takes part in a comparison. Each is started for one run, alone on the machine, and stopped after it.

/// <summary>A lock service that can be started and stopped.</summary>
internal interface IContender
{
    /// <summary>How the table calls it.</summary>
    string Name { get; }

    /// <summary>Whether it can serve this load.</summary>
    bool Serves(string load);

    /// <summary>Starts it, on empty data, and waits until it serves.</summary>
    Task<IRunning> StartAsync();
}

/// <summary>A contender that runs; disposing stops it and removes its data.</summary>
internal interface IRunning : IAsyncDisposable
{
    /// <summary>What the clients connect to.</summary>
    ILockServer Server { get; }
}
