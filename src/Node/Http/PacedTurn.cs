// Work for readers, one at a time, and never all of the time: the locks need the processor more. Whoever took a while
// is followed by a pause some times as long, in which nobody is worked for. A reader who comes now and then does not
// notice it.
using RaftLocks.Node.Foundation;

namespace RaftLocks.Node.Http;

/// <summary>Lets in one at a time, with pauses between.</summary>
internal sealed class PacedTurn(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(Limits.ReadPauseMs);

    private readonly SemaphoreSlim turn = new(1);
    private long freeSince = time.GetTimestamp();
    private TimeSpan pause;

    /// <summary>Completes when it is one's turn, which ends with <see cref="Leave"/>.</summary>
    public async Task EnterAsync(CancellationToken token)
    {
        await turn.WaitAsync(token);
        try
        {
            var left = pause - time.GetElapsedTime(freeSince);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left, time, token);
            }
        }
        catch
        {
            turn.Release();
            throw;
        }
    }

    /// <summary>The turn is over.</summary>
    /// <param name="worked">For how long the processor was worked with.</param>
    public void Leave(TimeSpan worked)
    {
        freeSince = time.GetTimestamp();
        pause = worked * Limits.ReadPauses;
        pause = pause < LongestPause ? pause : LongestPause;
        turn.Release();
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();
}
