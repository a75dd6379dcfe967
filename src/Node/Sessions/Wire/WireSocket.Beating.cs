// Whether the client is there: pings, the answers to them, and how long it has been silent. See Heartbeats.
namespace RaftLocks.Node.Sessions.Wire;

/// <content>Pings and silence.</content>
internal sealed partial class WireSocket
{
    private long heardAt;
    private long pingedAt;
    private volatile bool isListening;

    /// <summary>For how long nothing has come from the client though the server listens.</summary>
    public TimeSpan Silence => isListening ? time.GetElapsedTime(Volatile.Read(ref heardAt)) : TimeSpan.Zero;

    /// <summary>Pings a client that says nothing, and breaks off one that is gone.</summary>
    /// <param name="rules">When, and who.</param>
    /// <param name="mustAnswer">Whether a client that answers no pings is gone.</param>
    public void Beat(PingRules rules, bool mustAnswer)
    {
        var silence = Silence;
        if (aborted || closeSent)
        {
            return;
        }

        // Who takes nothing for so long would have the server keep what it can't send.
        if ((mustAnswer && silence >= rules.Timeout) || WriteTook() >= rules.Timeout)
        {
            Abort();
            return;
        }

        if (silence >= rules.Interval && time.GetElapsedTime(pingedAt) >= rules.Interval)
        {
            Ping();
        }
    }

    private TimeSpan WriteTook() =>
        Volatile.Read(ref writingSince) is not 0 and var since ? time.GetElapsedTime(since) : TimeSpan.Zero;

    private void Ping()
    {
        try
        {
            // Whoever is being written to is not silent, or takes nothing anyway.
            if (!writeGate.Wait(0))
            {
                return;
            }
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        pingedAt = time.GetTimestamp();
        _ = PingAsync();
    }

    private async Task PingAsync()
    {
        try
        {
            await WriteFrameAsync(FrameType.Ping, isFinal: true, ReadOnlyMemory<byte>.Empty, CancellationToken.None);
        }
        catch (Exception e) when (Connection.IsGone(e))
        {
            // The reader sees the end of it too.
        }
    }
}
