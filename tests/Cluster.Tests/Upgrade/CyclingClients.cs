using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;

namespace RaftLocks.Cluster.Tests;

// Clients that lock and release all the time while nodes come and go, and what they recorded: whoever holds
// holds alone, in the order of the numbers, and no number is given twice.

/// <summary>One client's hold of a lock.</summary>
/// <param name="Path">The lock.</param>
/// <param name="Id">Its number.</param>
/// <param name="From">When the client heard of it.</param>
/// <param name="Until">When it was about to release it; <paramref name="From"/> if its connection broke first.</param>
public sealed record Hold(string Path, ulong Id, long From, long Until);

/// <summary>Some clients at work.</summary>
public sealed class CyclingClients : IAsyncDisposable
{
    private const int Paths = 3;
    private const long AbandonTimeoutMs = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly LocalCluster _cluster;
    private readonly string _namespace;
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentQueue<Hold> _holds = new();
    private readonly Task _working;

    /// <summary>Sets them to work.</summary>
    public CyclingClients(LocalCluster cluster, string ns, int count)
    {
        (_cluster, _namespace) = (cluster, ns);
        _working = Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(() => WorkAsync(i))));
    }

    /// <summary>Holds so far.</summary>
    public int Count => _holds.Count;

    /// <summary>Waits until so many holds more have been.</summary>
    public async Task GoOnAsync(int more, TimeSpan bound)
    {
        var goal = Count + more;
        await Eventually.HoldsAsync(
            $"{more} locks more",
            bound,
            () => Task.FromResult(Count >= goal || _working.IsCompleted)
        );
        if (_working.IsCompleted)
        {
            await _working;
        }
    }

    /// <summary>Ends the work, and checks it.</summary>
    public async Task<int> JudgeAsync()
    {
        await _ending.CancelAsync();
        await _working;
        Assert.Equal(_holds.Count, _holds.Select(hold => hold.Id).Distinct().Count());
        foreach (var path in _holds.GroupBy(hold => hold.Path))
        {
            var inOrder = path.OrderBy(hold => hold.From).ToList();
            foreach (var (before, after) in inOrder.Zip(inOrder.Skip(1)))
            {
                var overlap = Stopwatch.GetElapsedTime(after.From, before.Until);
                Assert.True(before.Until <= after.From, $"{before} and {after} overlap by {overlap}");
                Assert.True(before.Id < after.Id, $"{after} comes after {before}");
            }
        }

        return _holds.Count;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
    }

    private static bool IsGone(Exception e) =>
        e is ConnectionEndedException or WebSocketException or InvalidOperationException;

    private async Task WorkAsync(int number)
    {
        for (var turn = 0; !_ending.IsCancellationRequested; turn++)
        {
            try
            {
                await using var client = await WireClient.ConnectAsync(_cluster, _namespace, AbandonTimeoutMs);
                while (!_ending.IsCancellationRequested)
                {
                    await CycleAsync(client, $"shared/{(number + turn++) % Paths}");
                }
            }
            catch (Exception e) when (IsGone(e))
            {
                // The node it was connected to is being replaced.
                await Task.Delay(Pause);
            }
        }
    }

    private async Task CycleAsync(WireClient client, string path)
    {
        var reply = await client.LockAsync(path);
        if (reply.State == "enqueued")
        {
            reply = await client.NextAsync();
        }

        Assert.Equal("acquired", reply.State);
        try
        {
            var until = Stopwatch.GetTimestamp();
            var ready = await client.ReleaseAsync();
            Assert.Equal("ready", ready.State);
            _holds.Enqueue(new Hold(path, reply.Id, reply.ReceivedAt, until));
        }
        catch (Exception e) when (IsGone(e))
        {
            _holds.Enqueue(new Hold(path, reply.Id, reply.ReceivedAt, reply.ReceivedAt));
            throw;
        }
    }
}
