// The time of a simulation: it stands still while something happens, and then jumps to whatever is due next.
namespace RaftLocks.Simulation.World;

/// <summary>What happens, in order of time, and among equals in the order in which it was planned.</summary>
internal sealed class VirtualClock
{
    public const long TicksPerMs = 10_000;

    private readonly PriorityQueue<Action, (long At, long Order)> due = new();
    private long order;

    /// <summary>Ticks since the simulation began.</summary>
    public long Now { get; private set; }

    /// <summary>The same in ms.</summary>
    public double NowMs => Now / (double)TicksPerMs;

    /// <summary>Plans.</summary>
    public void After(double ms, Action what) => At(Now + (long)(ms * TicksPerMs), what);

    /// <summary>Plans.</summary>
    public void At(long ticks, Action what) => due.Enqueue(what, (Math.Max(ticks, Now), order++));

    /// <summary>Lets the next thing happen; false if there is none.</summary>
    public bool Step()
    {
        if (!due.TryDequeue(out var next, out var when))
        {
            return false;
        }

        Now = when.At;
        next();
        return true;
    }
}
