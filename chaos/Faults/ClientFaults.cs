// Clients that stand still, as when a machine is suspended or a process is stopped: what they believed in before may be
// another's when they go on.
using RaftLocks.Chaos.Testbed;

namespace RaftLocks.Chaos.Faults;

/// <summary>
/// Freezes processes of clients. Which one follows from the number of the node that the schedule names.
/// </summary>
internal sealed class ClientFaults(IReadOnlyList<LibraryClients> processes) : IInjector
{
    /// <inheritdoc/>
    public IReadOnlyCollection<FaultKind> Kinds => FaultKinds.OfClients;

    /// <inheritdoc/>
    public Task InjectAsync(FaultKind kind, IReadOnlyList<int> nodes) =>
        Task.WhenAll(Struck(nodes).Select(process => process.FreezeAsync()));

    /// <inheritdoc/>
    public Task<string?> HealAsync(FaultKind kind, IReadOnlyList<int> nodes)
    {
        var struck = Struck(nodes).ToArray();
        Array.ForEach(struck, process => process.Thaw());
        return Task.FromResult<string?>("in fact " + string.Join(" and ", struck.Select(process => process.Name)));
    }

    private IEnumerable<LibraryClients> Struck(IReadOnlyList<int> nodes) =>
        nodes.Select(node => processes[node % processes.Count]).Where(process => process.IsRunning).Distinct();
}
