// A lock that is held, as the caller sees it.
using RaftLocks.Client.Sessions;

namespace RaftLocks.Client;

/// <summary>A held lock. Disposing of it gives it back.</summary>
/// <remarks>
/// <see cref="Lost"/> and <see cref="IsLost"/> turn true before the cluster may pass the lock on to somebody else, as long as this process is
/// scheduled; where the thread pool is starved, <see cref="Lost"/> is late and <see cref="IsLost"/> is not: look at it before each effect. Two exceptions: an operator's revocation by force, and another process that uses the same session. What must never be written
/// twice carries the <see cref="FencingToken"/>.
/// </remarks>
public sealed class HeldLock : IAsyncDisposable, IDisposable
{
    private readonly LockSession session;
    private readonly LockChannel channel;
    private readonly CancellationTokenSource lost = new();
    private readonly CancellationTokenSource revocation = new();

    internal HeldLock(LockSession session, LockChannel channel)
    {
        this.session = session;
        this.channel = channel;
        FencingToken = channel.Id;
        Lost = lost.Token;
        RevocationRequested = revocation.Token;
    }

    /// <summary>The request's id. Conflicting locks are granted in the order of their tokens: a store refuses a smaller one than the greatest it saw for that resource.</summary>
    public ulong FencingToken { get; }

    /// <summary>What is locked.</summary>
    public IReadOnlyList<LockResource> Resources => channel.Resources;

    /// <summary>Is cancelled when the lock is lost. Released properly, it never is.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Whether the lock is lost, computed from the clock at each call: true at the first look of a process that slept too long.</summary>
    public bool IsLost => session.IsLost(channel, this);

    /// <summary>Why it was lost, for people; null while it is not.</summary>
    public string? LossReason { get; private set; }

    /// <summary>Is cancelled when an operator asks for this lock: finish and release it soon, or it will be lost.</summary>
    public CancellationToken RevocationRequested { get; }

    /// <summary>What the operator said.</summary>
    public string? RevocationReason { get; private set; }

    internal bool WasLost => LossReason is not null;

    /// <summary>Where an operator granted a grace: how long, and from when it may have begun.</summary>
    internal (TimeSpan Length, long Since)? Grace { get; private set; }

    /// <summary>Turns the writes of this lock into reads and so lets readers in, without giving it up in between.</summary>
    /// <exception cref="LockLostException">It is lost or released already.</exception>
    /// <exception cref="LockRefusedException">The cluster can't do it.</exception>
    public Task DowngradeAsync(CancellationToken cancellationToken = default) => session.Downgrade(channel, this).WaitAsync(cancellationToken);

    /// <summary>Gives the lock back and waits, up to <see cref="RaftLocksOptions.ReleaseTimeout"/>, until the cluster has confirmed it. Never throws; a second call does nothing.</summary>
    public ValueTask DisposeAsync() => session.ReleaseAsync(channel, this);

    /// <summary>Gives the lock back without waiting.</summary>
    public void Dispose() => session.Release(channel, this);

    // The session calls the following with its lock held, so callbacks of the caller run elsewhere.
    internal void Lose(string reason)
    {
        LossReason ??= reason;
        _ = lost.CancelAsync();
    }

    internal void AskBack(string? reason, TimeSpan grace, long since)
    {
        RevocationReason ??= reason ?? "no reason given";
        Grace ??= (grace, since);
        _ = revocation.CancelAsync();
    }
}
