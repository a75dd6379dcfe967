// A client that uses the .NET library as an application does: it locks, looks again and again whether it still holds,
// and lets go. What it writes down is only what it knows for certain, though it may be frozen between any two steps:
// each time is read before the question whose answer it dates.
using RaftLocks.Chaos.History;
using RaftLocks.Chaos.Workload;
using RaftLocks.Client;

namespace RaftLocks.Chaos.Clients;

/// <summary>One client.</summary>
internal sealed class LibraryClient(int number, IReadOnlyList<Uri> nodes, int seed, Clock clock, Action<Request> record)
{
    private const double LostBoundMs = 10_000;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan WaitBound = TimeSpan.FromSeconds(15);

    private readonly Random random = new(seed);

    /// <summary>Works until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var mix = new Mix(random);
        var ns = mix.Namespace();
        var timeoutMs = mix.LibraryTimeoutMs();
        await using var locks = new RaftLocksClient(
            new RaftLocksOptions
            {
                Nodes = [.. nodes],
                Namespace = ns,
                AbandonTimeout = TimeSpan.FromMilliseconds(timeoutMs),
                Label = $"client {number}",
            }
        );
        while (!stop.IsCancellationRequested)
        {
            var request = new Request
            {
                Client = number,
                Namespace = ns,
                Resources = mix.Resources(),
                AbandonTimeoutMs = timeoutMs,
                SentAt = clock.Now,
            };
            try
            {
                var held = await locks.AcquireAsync(
                    [.. request.Resources.Select(Written)],
                    new LockOptions { Timeout = WaitBound },
                    stop
                );
                await HoldAsync(held, request, stop);
                await held.DisposeAsync();
            }
            catch (Exception e) when (e is RaftLocksException or OperationCanceledException or TimeoutException)
            {
                // It waited for too long, nobody answers, or this is the end.
                request.EndedAt = clock.Now;
                request.Ending = Ending.Vanish;
                await Task.Delay(random.Next(50, 300), CancellationToken.None);
            }

            record(request);
        }
    }

    private static LockResource Written(Resource resource) =>
        resource.Write ? LockResource.Write([.. resource.Path]) : LockResource.Read([.. resource.Path]);

    private async Task HoldAsync(IHeldLock held, Request request, CancellationToken stop)
    {
        var lost = new TaskCompletionSource<double>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var listening = held.Lost.Register(() => lost.TrySetResult(clock.Now));

        // Now and then for long, so that there is something to lose.
        var until = clock.Now + (random.Next(10) == 0 ? random.Next(1_000, 6_000) : random.Next(20));
        for (var looks = 0; ; looks++)
        {
            var at = clock.Now;
            if (held.IsLost)
            {
                await NoteLossAsync(held, request, at, lost.Task);
                return;
            }

            Note(held, request, at);
            if (looks > 0 && (at >= until || stop.IsCancellationRequested))
            {
                return;
            }

            await Task.Delay(LookEvery, CancellationToken.None);
        }
    }

    // Its release is sent after this look: by the client itself, or by the library when the lock is lost.
    private static void Note(IHeldLock held, Request request, double at)
    {
        request.Id = held.FencingToken;
        request.SeenAt ??= at;
        request.AcquiredAt ??= at;
        request.EndedAt = at;
        request.Ending = Ending.Release;
        request.HolderView ??= new HolderView { HeldAt = at };
        NoteGap(request.HolderView, request.HolderView.HeldAt, at);
        request.HolderView.HeldAt = at;
    }

    // One that was lost before the first look was never held by anybody, as far as this client knows.
    private async Task NoteLossAsync(IHeldLock held, Request request, double at, Task<double> lost)
    {
        if (request.HolderView is not { } holderView)
        {
            request.EndedAt = clock.Now;
            request.Ending = Ending.Vanish;
            return;
        }

        holderView.FoundLostAt = at;
        holderView.LossReason = held.LossReason;
        NoteGap(holderView, holderView.HeldAt, at);

        // Lost fires by itself; meanwhile this goes on to look, so that a late one is not taken for a process that
        // stood still.
        for (var looked = at; !lost.IsCompleted && looked < at + LostBoundMs;)
        {
            await Task.Delay(LookEvery, CancellationToken.None);
            var now = clock.Now;
            NoteGap(holderView, looked, now);
            looked = now;
        }

        holderView.LostAt = lost.IsCompleted ? await lost : null;
    }

    private static void NoteGap(HolderView holderView, double from, double to) =>
        holderView.LongestGapMs = Math.Max(holderView.LongestGapMs, to - from);
}
