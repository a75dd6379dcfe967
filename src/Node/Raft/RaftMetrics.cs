// What the replication measures of itself. Counts are plain numbers, written where the state stands still anyway and
// read by whoever looks; durations go into histograms, which cost nothing while nobody listens. Nothing here allocates,
// and nothing takes a lock.
using System.Diagnostics;
using System.Diagnostics.Metrics;
using RaftLocks.StateMachine.State;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Raft;

/// <summary>Counts and durations of one node.</summary>
internal sealed class RaftMetrics
{
    private static readonly double[] DurationBounds =
    [
        0.0001,
        0.0002,
        0.0005,
        0.001,
        0.002,
        0.005,
        0.01,
        0.02,
        0.05,
        0.1,
        0.2,
        0.5,
        1,
        2,
        5,
    ];
    private static readonly double[] WaitBounds =
    [
        0.001,
        0.005,
        0.01,
        0.05,
        0.1,
        0.5,
        1,
        5,
        10,
        30,
        60,
        300,
        1800,
        7200,
    ];
    private static readonly int[] CommandBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096];
    private static readonly int[] SizeBounds = [128, 512, 2048, 8192, 32_768, 131_072, 524_288, 1_048_576];

    private readonly Histogram<double> waits;
    private readonly Histogram<double> commits;
    private readonly Histogram<double> applies;
    private readonly Histogram<int> batchCommands;
    private readonly Histogram<int> batchBytes;
    private readonly long[] events = new long[byte.MaxValue + 1];
    private long acquiredAtOnce;
    private long acquiredAfterWait;
    private long held;
    private long leaderships;
    private long snapshotFailures;
    private long snapshotFailuresInARow;
    private long snapshotBytes;
    private long snapshotMs;
    private long snapshotAt;
    private long refused;
    private long notAccepted;

    /// <summary>Its instruments belong to the node's meter.</summary>
    public RaftMetrics(Meter meter)
    {
        waits = meter.CreateHistogram(
            "raftlocks.wait.duration",
            "s",
            "How long requests that had to wait have waited when they were granted, by the leader",
            null,
            Bounds(WaitBounds)
        );
        commits = meter.CreateHistogram(
            "raftlocks.commit.duration",
            "s",
            "From proposing an entry to its commit, durable on a majority, by the leader",
            null,
            Bounds(DurationBounds)
        );
        applies = meter.CreateHistogram(
            "raftlocks.apply.duration",
            "s",
            "Applying an entry to the state",
            null,
            Bounds(DurationBounds)
        );
        batchCommands = meter.CreateHistogram(
            "raftlocks.batch.commands",
            "{command}",
            "Commands in an entry, by the leader",
            null,
            Bounds(CommandBounds)
        );
        batchBytes = meter.CreateHistogram(
            "raftlocks.batch.size",
            "By",
            "Size of an entry, by the leader",
            null,
            Bounds(SizeBounds)
        );
    }

    /// <summary>Grants while this node led, to requests that did not wait.</summary>
    public long AcquiredAtOnce => Volatile.Read(ref acquiredAtOnce);

    /// <summary>Grants while this node led, to requests that waited.</summary>
    public long AcquiredAfterWait => Volatile.Read(ref acquiredAfterWait);

    /// <summary>Locks held.</summary>
    public long Held => Volatile.Read(ref held);

    /// <summary>Times that this node began to lead.</summary>
    public long Leaderships => Volatile.Read(ref leaderships);

    /// <summary>Snapshots that could not be written.</summary>
    public long SnapshotFailures => Volatile.Read(ref snapshotFailures);

    /// <summary>Snapshots that could not be written since the last one that was.</summary>
    public long SnapshotFailuresInARow => Volatile.Read(ref snapshotFailuresInARow);

    /// <summary>Size of the last snapshot; 0 while there is none.</summary>
    public long SnapshotBytes => Volatile.Read(ref snapshotBytes);

    /// <summary>How long it took to write the last one, ms.</summary>
    public long SnapshotMs => Volatile.Read(ref snapshotMs);

    /// <summary>
    /// When the last one was written here, as <see cref="Stopwatch"/> tells time; 0 while none was since the start.
    /// </summary>
    public long SnapshotAt => Volatile.Read(ref snapshotAt);

    /// <summary>Connections and requests that were refused on the Raft port.</summary>
    public long Refused => Volatile.Read(ref refused);

    /// <summary>Connections of members that could not be accepted.</summary>
    public long NotAccepted => Volatile.Read(ref notAccepted);

    /// <summary>Events of a kind while this node led.</summary>
    public long Events(EventKind kind) => Volatile.Read(ref events[(byte)kind]);

    /// <summary>The state was read anew.</summary>
    public void Restored(LockStateMachine machine) => Volatile.Write(ref held, machine.AcquiredCount);

    /// <summary>
    /// An entry was applied. Counted by the leader only, so that the sum over all nodes is right, and none is counted
    /// again after a restart.
    /// </summary>
    public void Applied(long startedAt, EventList happened, bool leads)
    {
        var change = 0;
        for (var i = 0; i < happened.Count; i++)
        {
            ref readonly var one = ref happened[i];
            change +=
                one.Kind == EventKind.Acquired ? 1
                : one.Kind.EndsRequest() && one.Request is { IsAcquired: true } ? -1
                : 0;
            if (leads)
            {
                Count(one);
            }
        }

        Volatile.Write(ref held, held + change);
        applies.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds);
    }

    /// <summary>Counts an entry that is proposed.</summary>
    public void Proposed(int commands, int bytes)
    {
        batchCommands.Record(commands);
        batchBytes.Record(bytes);
    }

    /// <summary>Counts an entry that is committed.</summary>
    /// <param name="took">Time since a majority was asked.</param>
    public void Committed(TimeSpan took) => commits.Record(took.TotalSeconds);

    /// <summary>Counts a leadership.</summary>
    public void Leads() => Interlocked.Increment(ref leaderships);

    /// <summary>Counts a refusal on the Raft port.</summary>
    public void Refuses() => Interlocked.Increment(ref refused);

    /// <summary>Counts a connection on the Raft port that could not be accepted.</summary>
    public void DoesNotAccept() => Interlocked.Increment(ref notAccepted);

    /// <summary>A snapshot is there: written, or read at the start (then without a duration).</summary>
    public void Snapshot(long bytes, TimeSpan took)
    {
        Volatile.Write(ref snapshotFailuresInARow, 0);
        Volatile.Write(ref snapshotBytes, bytes);
        Volatile.Write(ref snapshotMs, (long)took.TotalMilliseconds);
        Volatile.Write(ref snapshotAt, Stopwatch.GetTimestamp());
    }

    /// <summary>Counts a snapshot that could not be written.</summary>
    public void SnapshotFailed()
    {
        Interlocked.Increment(ref snapshotFailuresInARow);
        Interlocked.Increment(ref snapshotFailures);
    }

    private static InstrumentAdvice<T> Bounds<T>(T[] bounds)
        where T : struct => new() { HistogramBucketBoundaries = bounds };

    private void Count(in LockEvent one)
    {
        Volatile.Write(ref events[(byte)one.Kind], events[(byte)one.Kind] + 1);
        if (one.Kind != EventKind.Acquired)
        {
            return;
        }

        if (one.IsReply)
        {
            Volatile.Write(ref acquiredAtOnce, acquiredAtOnce + 1);
        }
        else
        {
            Volatile.Write(ref acquiredAfterWait, acquiredAfterWait + 1);
            waits.Record((one.Request!.AcquiredAtMs - one.Request.EnqueuedAtMs) / 1000.0);
        }
    }
}
