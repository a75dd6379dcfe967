// A lock that is held.
using RaftLocks.Client.Sessions;

namespace RaftLocks.Client;

/// <summary>A held lock of a <see cref="RaftLocksClient"/>.</summary>
internal sealed class HeldLock : IHeldLock
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

    /// <inheritdoc/>
    public ulong FencingToken { get; }

    /// <inheritdoc/>
    public IReadOnlyList<LockResource> Resources => channel.Resources;

    /// <inheritdoc/>
    public CancellationToken Lost { get; }

    /// <inheritdoc/>
    public bool IsLost => session.IsLost(channel, this);

    /// <inheritdoc/>
    public LockLossCause LossCause { get; private set; }

    /// <inheritdoc/>
    public string? LossReason { get; private set; }

    /// <inheritdoc/>
    public CancellationToken RevocationRequested { get; }

    /// <inheritdoc/>
    public string? RevocationReason { get; private set; }

    internal bool WasLost => LossCause != LockLossCause.None;

    /// <summary>Where an operator granted a grace: how long, and from when it may have begun.</summary>
    internal (TimeSpan Length, long Since)? Grace { get; private set; }

    /// <inheritdoc/>
    public Task DowngradeAsync(CancellationToken cancellationToken = default) =>
        session.Downgrade(channel, this).WaitAsync(cancellationToken);

    /// <summary>
    /// Gives the lock back and waits, up to <see cref="RaftLocksOptions.ReleaseTimeout"/>, until the cluster has
    /// confirmed it. Never throws; a second call does nothing.
    /// </summary>
    /// <returns>A task that completes when the cluster has confirmed it, or the time is over.</returns>
    public ValueTask DisposeAsync() => new(session.ReleaseAsync(channel, this));

    /// <summary>Gives the lock back without waiting.</summary>
    public void Dispose() => session.Release(channel, this);

    // The session calls the following with its lock held, so callbacks of the caller run elsewhere.
    internal void Lose(LockLossCause cause, string reason)
    {
        if (!WasLost)
        {
            LossReason = reason;
            LossCause = cause;
            _ = lost.CancelAsync();
        }
    }

    internal void RequestRevocation(string? reason, TimeSpan grace, long since)
    {
        RevocationReason ??= reason ?? "no reason given";
        Grace ??= (grace, since);
        _ = revocation.CancelAsync();
    }
}
