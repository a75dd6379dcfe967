// One lock from the first word to the last: asked for, waiting, held, given back. It has a channel of the connection to itself,
// and everything here is guarded by the session's lock.
using RaftLocks.Client.Wire;

namespace RaftLocks.Client.Sessions;

internal enum Phase
{
    /// <summary>The cluster has not answered yet.</summary>
    Asking,

    /// <summary>It waits in line.</summary>
    Enqueued,

    /// <summary>The cluster said "acquired", but so late that it proves nothing: a ping decides.</summary>
    Unproven,

    /// <summary>It is held.</summary>
    Held,

    /// <summary>It is given back; the cluster has not confirmed it yet.</summary>
    Releasing,

    /// <summary>It is over and the channel's name is free.</summary>
    Ended,
}

/// <summary>A lock of this client and its channel.</summary>
internal sealed class LockChannel(string name, long number, IReadOnlyList<LockResource> resources, string? label, Patience patience, IProgress<LockProgress>? progress)
{
    public string Name => name;

    /// <summary>Counts up with each lock of the session; sent as its "ref", so that the client knows it again after a failover.</summary>
    public long Number => number;

    public string Mark { get; } = MarkOf(number);

    /// <summary>How long its caller waits.</summary>
    public Patience Patience => patience;

    public IReadOnlyList<LockResource> Resources => resources;

    public IProgress<LockProgress>? Progress => progress;

    public Phase Phase { get; set; } = Phase.Asking;

    /// <summary>The connection on which its lock message was sent last; 0 for none.</summary>
    public long SentOn { get; set; }

    /// <summary>Whether the cluster ever answered it.</summary>
    public bool IsReached { get; set; }

    /// <summary>Whether nobody waits for it any more: it is given back as soon as it is known what became of it.</summary>
    public bool IsUnwanted { get; set; }

    public ulong Id { get; set; }

    public HeldLock? Held { get; set; }

    /// <summary>The answer to the caller: null if the lock was not to be had.</summary>
    public TaskCompletionSource<HeldLock?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the cluster has confirmed that it is over.</summary>
    public TaskCompletionSource Over { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource? Downgrading { get; set; }

    /// <summary>The message that asks for it now, with what is left of its caller's time.</summary>
    public byte[] Message() => ClientMessages.Lock(name, Mark, label, patience.WaitTimeoutMs, resources);

    public static string MarkOf(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
