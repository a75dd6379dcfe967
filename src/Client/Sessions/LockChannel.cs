// One lock from the first message to the last: requested, waiting, held, released. It has a channel of the connection
// to itself, and everything here is guarded by the session's lock.
using RaftLocks.Client.Wire;

namespace RaftLocks.Client.Sessions;

internal enum Phase
{
    /// <summary>The cluster has not answered yet.</summary>
    Asking,

    /// <summary>The lock waits in the queue.</summary>
    Enqueued,

    /// <summary>The cluster said "acquired", but so late that it proves nothing: a ping decides.</summary>
    Unproven,

    /// <summary>The lock is held.</summary>
    Held,

    /// <summary>The lock is released; the cluster has not confirmed it yet.</summary>
    Releasing,

    /// <summary>The lock is over and the channel's name is free.</summary>
    Ended,
}

/// <summary>A lock of this client and its channel.</summary>
internal sealed class LockChannel(string name, long number, LockRequest request, SideWork side)
{
    private readonly Completion<IHeldLock?> answer = new(request.Options.Answered);

    public string Name => name;

    /// <summary>
    /// Counts up with each lock of the session; sent as its "ref", so that the client knows it again after a failover.
    /// </summary>
    public long Number => number;

    public string Ref { get; } = RefOf(number);

    /// <summary>How long its caller waits.</summary>
    public CallTimeout CallTimeout => request.CallTimeout;

    /// <summary>The locked resources; a downgrade changes them.</summary>
    public IReadOnlyList<LockResource> Resources { get; set; } = request.Resources;

    /// <summary>Receives the position in the queue; null if the caller does not want it.</summary>
    public ProgressReporter? Progress { get; } =
        request.Options.Progress is { } progress ? new ProgressReporter(progress, side) : null;

    public Phase Phase { get; set; } = Phase.Asking;

    /// <summary>The connection on which its lock message was sent last; 0 for none.</summary>
    public long SentOn { get; set; }

    /// <summary>
    /// The greatest id that its connection had received when the lock message was sent: its own will be greater.
    /// </summary>
    public ulong SentAfter { get; set; }

    /// <summary>How many connections were closed because of it, as their nodes said.</summary>
    public int Complaints { get; set; }

    /// <summary>Whether the cluster ever answered it.</summary>
    public bool IsReached { get; set; }

    /// <summary>Whether its caller has cancelled it: it is released as soon as its outcome is known.</summary>
    public bool IsCancelled { get; set; }

    public ulong Id { get; set; }

    public HeldLock? Held { get; set; }

    /// <summary>The answer to the caller: null if the lock was not to be had.</summary>
    public Task<IHeldLock?> Answer => answer.Task;

    /// <summary>
    /// Completes when the cluster has confirmed its end, or its holder has waited long enough for that.
    /// </summary>
    public Completion<bool>? Over { get; set; }

    public ITimer? OverLimit { get; set; }

    public Completion<bool>? Downgrading { get; set; }

    /// <summary>Ends the caller's wait; both are disposed of with the answer.</summary>
    public WaitLimit? Limit { get; set; }

    public CancellationTokenRegistration Cancellation { get; set; }

    /// <summary>The message that asks for it now, with what is left of its caller's time.</summary>
    public byte[] Message() =>
        ClientMessages.Lock(name, Ref, request.Options.Label, CallTimeout.WaitTimeoutMs, Resources);

    /// <summary>Whether the caller has its answer, or is about to.</summary>
    public bool IsAnswered => answer.IsOver;

    /// <summary>Completes the call: the lock is held, or, with null, it could not be acquired.</summary>
    public void Tell(IHeldLock? held)
    {
        if (!BeginAnswer(held is null ? "not_acquired" : "acquired", held))
        {
            return;
        }

        if (held is null && request.ThrowsWhenNotAcquired)
        {
            answer.Fail(request.NotAcquired());
        }
        else
        {
            answer.Succeed(held);
        }
    }

    /// <summary>Answers the caller with an exception; false if it has been answered.</summary>
    public bool Fail(Exception failure)
    {
        var isFirst = BeginAnswer("failed", held: null, failure.Message);
        answer.Fail(failure);
        return isFirst;
    }

    /// <summary>Answers a caller that has cancelled.</summary>
    public void Cancel(CancellationToken token)
    {
        BeginAnswer("cancelled", held: null);
        answer.Cancel(token);
    }

    public static string RefOf(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    // Before the caller continues, everything that still runs for it is stopped.
    private bool BeginAnswer(string outcome, IHeldLock? held, string? failure = null)
    {
        if (answer.IsOver)
        {
            return false;
        }

        Limit?.Dispose();
        Progress?.End();

        // Dispose would wait for a cancellation that is on its way, which waits for the session's lock.
        Cancellation.Unregister();
        request.Measure(side, outcome, held?.FencingToken, failure);
        return true;
    }
}
