// Handshakes that this client has given up may still be on their way, in a slow node that forwards them say, and reach
// the leader behind a newer one. The leader can't tell: it lets the late one replace the connection that is in use,
// which it closes with 3001. Nobody else has this session's token, so such a close is no reason to give up, unless no
// handshake of ours can have caused it.
namespace RaftLocks.Client.Sessions;

/// <summary>Counts the handshakes that may still arrive. One thread at a time.</summary>
/// <param name="clock">The clock.</param>
internal sealed class StrayHandshakes(TimeProvider clock)
{
    private const int Max = 4;
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private int count;
    private long lastAt;

    /// <summary>Notes that a handshake was given up, and that nobody knows whether it will arrive.</summary>
    public void Add()
    {
        count = Math.Min(IsForgotten ? 1 : count + 1, Max);
        lastAt = clock.GetTimestamp();
    }

    /// <summary>Removes a handshake that may have replaced a connection; false if there is none.</summary>
    public bool TryTake()
    {
        if (IsForgotten)
        {
            count = 0;
        }

        return count > 0 && count-- > 0;
    }

    private bool IsForgotten => clock.GetElapsedTime(lastAt) > Lifetime;
}
