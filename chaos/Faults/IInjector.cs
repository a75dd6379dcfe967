// Whatever can play some kinds of faults: strikes nodes, and undoes it.
namespace RaftLocks.Chaos.Faults;

/// <summary>Injects faults of some kinds.</summary>
internal interface IInjector
{
    /// <summary>The kinds that it plays.</summary>
    IReadOnlyCollection<FaultKind> Kinds { get; }

    /// <summary>Injects faults into nodes, which are given by number.</summary>
    Task InjectAsync(FaultKind kind, IReadOnlyList<int> nodes);

    /// <summary>Undoes that; returns what is worth telling, if anything.</summary>
    Task<string?> HealAsync(FaultKind kind, IReadOnlyList<int> nodes);
}
