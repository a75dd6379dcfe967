// The one thread that a simulated node has. Everything that the node does is a step of it: the continuation of an
// await, a timer, something that arrives from the network. A frozen node takes no step; what came meanwhile is waiting
// when it wakes up, as after SIGSTOP.
namespace RaftLocks.Simulation.World;

/// <summary>Runs the steps of a node one after the other, in the order in which they came.</summary>
internal sealed class NodeThread : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Step, object? State)> steps = new();
    private readonly int owner = Environment.CurrentManagedThreadId;

    /// <summary>Whether it is stopped for now.</summary>
    public bool IsFrozen { get; set; }

    /// <summary>Whether it is dead: nothing of it ever happens again.</summary>
    public bool IsDead { get; set; }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != owner)
        {
            throw new InvalidOperationException(
                "Something of a simulated node ran on a thread of its own: this simulation is not deterministic."
            );
        }

        if (!IsDead)
        {
            steps.Enqueue((d, state));
        }
    }

    /// <summary>Adds a step.</summary>
    public void Post(Action step) => Post(static state => ((Action)state!)(), step);

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Takes all steps that can be taken now; false if there was none.</summary>
    public bool Run()
    {
        var any = false;
        var outside = Current;
        SetSynchronizationContext(this);
        try
        {
            while (!IsFrozen && !IsDead && steps.TryDequeue(out var next))
            {
                any = true;
                next.Step(next.State);
            }
        }
        finally
        {
            SetSynchronizationContext(outside);
        }

        return any;
    }
}
