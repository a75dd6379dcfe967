// A disk may neither work nor fail: a write does not come back, and its caller waits for ever. The node would stay a
// voter and answer nothing. So each write is watched from a thread that waits for no disk. A leader whose write takes
// too long gives up leadership, and a node whose write does not come back ends.
//
// What is counted is the watch's own ticks, each with a bound: a process that was frozen, or got no processor, has not
// waited for its disk.
namespace RaftLocks.Node.Raft.Files;

/// <summary>Measures how long writes have been under way.</summary>
internal sealed class DiskWatch : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestTick = TimeSpan.FromMilliseconds(250);

    private readonly TimeSpan stallBound;
    private readonly TimeSpan hangBound;
    private readonly TimeProvider time;
    private readonly Action<DiskOperation> stalled;
    private readonly Action<DiskOperation> hung;
    private readonly object gate = new();
    private readonly Lock looking = new();
    private readonly HashSet<DiskOperation> operations = [];
    private readonly Thread thread;
    private long lookedAt;
    private bool disposed;
    private volatile bool isStalled;

    /// <summary>Starts to watch.</summary>
    /// <param name="stallBound">How long a write that holds up the cluster may take before a leader should give up
    /// leadership.</param>
    /// <param name="hangBound">How long any write may take before the node should end.</param>
    /// <param name="stalled">Called for the first write that exceeds the former; again only after none does any
    /// more.</param>
    /// <param name="hung">Called for each write that exceeds the latter, once.</param>
    /// <param name="time">The clock.</param>
    public DiskWatch(
        TimeSpan stallBound,
        TimeSpan hangBound,
        Action<DiskOperation> stalled,
        Action<DiskOperation> hung,
        TimeProvider time
    )
    {
        this.stallBound = stallBound;
        this.hangBound = hangBound;
        this.stalled = stalled;
        this.hung = hung;
        this.time = time;
        lookedAt = time.GetTimestamp();
        thread = new Thread(Run) { IsBackground = true, Name = "disk watch" };
        thread.Start();
    }

    /// <summary>Whether a write that holds up the cluster takes too long at this moment.</summary>
    public bool IsStalled => isStalled;

    /// <summary>Watches a file that is written by one thread at a time.</summary>
    public DiskOperation Watch(string path)
    {
        var operation = new DiskOperation(path, this);
        lock (gate)
        {
            operations.Add(operation);
        }

        return operation;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            Monitor.PulseAll(gate);
        }

        if (Thread.CurrentThread != thread)
        {
            thread.Join();
        }
    }

    /// <summary>Stops watching a file.</summary>
    internal void Forget(DiskOperation operation)
    {
        lock (gate)
        {
            operations.Remove(operation);
        }
    }

    /// <summary>Looks once at what is under way.</summary>
    internal void Look()
    {
        lock (looking)
        {
            var elapsed = time.GetElapsedTime(lookedAt);
            lookedAt = time.GetTimestamp();
            List<DiskOperation> all;
            lock (gate)
            {
                all = [.. operations];
            }

            all.ForEach(operation => operation.Age(elapsed < LongestTick ? elapsed : LongestTick));
            var slow = all.Find(operation => operation.HoldsUpCluster && operation.UnderWay >= stallBound);
            var wasStalled = isStalled;
            isStalled = slow is not null;
            if (slow is not null && !wasStalled)
            {
                stalled(slow);
            }

            foreach (var operation in all.Where(operation => operation.UnderWay >= hangBound && operation.TellOnce()))
            {
                hung(operation);
            }
        }
    }

    private void Run()
    {
        while (true)
        {
            lock (gate)
            {
                if (disposed || (Monitor.Wait(gate, Tick) && disposed))
                {
                    return;
                }
            }

            Look();
        }
    }
}
