// What is told of a namespace: its figures, alone or in a list.
namespace RaftLocks.StateMachine.State;

/// <summary>A namespace in a list.</summary>
/// <param name="Name">Its name, UTF-8.</param>
/// <param name="Summary">Its figures.</param>
public readonly record struct ListedNamespace(ReadOnlyMemory<byte> Name, NamespaceSummary Summary);

/// <summary>A namespace in figures.</summary>
/// <param name="LastId">The last id given.</param>
/// <param name="LiveCount">Live requests.</param>
/// <param name="AcquiredCount">Those that are acquired.</param>
public readonly record struct NamespaceSummary(ulong LastId, int LiveCount, int AcquiredCount)
{
    /// <summary>The number of waiting requests.</summary>
    public int EnqueuedCount => LiveCount - AcquiredCount;
}
