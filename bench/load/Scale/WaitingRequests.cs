using System.Diagnostics;
using System.Text;
using RaftLocks.Load.Wire;

namespace RaftLocks.Load.Scale;

/// <summary>
/// Requests that all wait for one resource, and how long it takes to pass the lock on from one to the next until all
/// have had it.
/// </summary>
internal sealed class WaitingRequests(int count) : IScaleSection
{
    private const string Path = "[\"hot\"]";
    private static readonly TimeSpan HandOffBound = TimeSpan.FromMinutes(10);
    private readonly TaskCompletionSource allHadIt = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<RawConnection> holder = [];
    private List<RawConnection> waiters = [];
    private int had;

    public string What => "waiters on one resource";

    public int Count => count;

    public async Task WarmUpAsync(Uri leader)
    {
        await LockMany.RequestAsync(leader, "warm", LockMany.PerConnection, LiveLocks.PathOf);
        holder = await LockMany.RequestAsync(leader, "queue", 1, _ => Path);
    }

    public async Task AddAsync(Uri leader) =>
        waiters = await LockMany.RequestAsync(
            leader,
            "queue",
            count,
            _ => Path,
            number => message => PassOn(number, message)
        );

    public async Task<object?> FinishAsync(Uri leader)
    {
        var clock = Stopwatch.StartNew();
        await holder[0].SendAsync(Release("c0"));
        await allHadIt.Task.WaitAsync(HandOffBound);
        var handOffMs = clock.Elapsed.TotalMilliseconds / count;
        waiters.ForEach(connection => connection.Dispose());
        return new { handOffMs = Math.Round(handOffMs, 3), handOffsPerSecond = Math.Round(1_000 / handOffMs) };
    }

    public bool HasPassed(Growth leader) => true;

    private static byte[] Release(string channel) =>
        Frames.Write(Frames.Text, Encoding.UTF8.GetBytes($$"""{"action":"release","channel":"{{channel}}"}"""));

    private void PassOn(int number, ReadOnlySpan<byte> message)
    {
        if (message.IndexOf("\"acquired\""u8) < 0)
        {
            return;
        }

        // {"channel":"c17", ...
        var from = message.IndexOf(":\""u8) + 2;
        var channel = Encoding.UTF8.GetString(message.Slice(from, message[from..].IndexOf((byte)'"')));
        if (Interlocked.Increment(ref had) == count)
        {
            allHadIt.SetResult();
        }

        _ = waiters[number].SendAsync(Release(channel)).AsTask();
    }
}
