// One caller's way to a slot of a semaphore. The same steps serve callers that block: every wait then blocks instead of
// awaiting, so that no thread of the pool is needed but the caller's own.
using System.Diagnostics;

namespace RaftLocks.Client;

public sealed partial class LockSemaphore
{
    private sealed class Search
    {
        private readonly LockSemaphore semaphore;
        private readonly LockOptions options;
        private readonly bool blocks;
        private readonly long startedAt = Stopwatch.GetTimestamp();

        public Search(LockSemaphore semaphore, LockOptions options, TimeSpan timeout, bool blocks)
        {
            LockOptions.Check(options);
            this.semaphore = semaphore;
            this.options = options;
            this.blocks = blocks;
            Timeout = timeout;
        }

        public TimeSpan Timeout { get; }

        private bool IsEndless => Timeout == System.Threading.Timeout.InfiniteTimeSpan;

        /// <summary>Looks for a free slot, and waits for one as long as the caller wants to.</summary>
        public async Task<IHeldLock?> RunAsync(CancellationToken token)
        {
            token.ThrowIfCancellationRequested();
            var count = semaphore.slots.Length;
            var first = Random.Shared.Next(count);
            var looks = !IsEndless && Timeout < ShortWait ? count : 1;
            if (await LookAsync(first, looks, token).ConfigureAwait(false) is { } free)
            {
                return free;
            }

            if (Timeout == TimeSpan.Zero)
            {
                return null;
            }

            // A look that took all the time leaves the other slots: who waits finds what those find who don't.
            if (Left() is not { } left)
            {
                return await LookAsync(first + looks, count - looks, token).ConfigureAwait(false);
            }

            if (
                await On(semaphore.client.TryAcquireAsync(semaphore.turnstile, options with { Timeout = left }, token))
                    .ConfigureAwait(false)
                is not { } head
            )
            {
                return null;
            }

            try
            {
                return Left() is { } rest
                    ? await TakeFirstAsync(rest, token).ConfigureAwait(false)
                    : await LookAsync(first + looks, count - looks, token).ConfigureAwait(false);
            }
            finally
            {
                await GiveBackAsync(head).ConfigureAwait(false);
            }
        }

        /// <summary>
        /// Tries slots one after the other: so that a caller never holds more than one, which others would miss.
        /// </summary>
        private async Task<IHeldLock?> LookAsync(int first, int looks, CancellationToken token)
        {
            for (var look = 0; look < looks; look++)
            {
                var slot = semaphore.slots[(first + look) % semaphore.slots.Length];
                if (
                    await On(
                            semaphore.client.TryAcquireAsync(
                                slot,
                                options with
                                {
                                    Timeout = TimeSpan.Zero,
                                    Progress = null,
                                },
                                token
                            )
                        )
                        .ConfigureAwait(false) is
                    { } held
                )
                {
                    return held;
                }
            }

            return null;
        }

        /// <summary>Asks for every slot and keeps the first.</summary>
        private async Task<IHeldLock?> TakeFirstAsync(TimeSpan timeout, CancellationToken token)
        {
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(token);
            var signal = blocks ? new ManualResetEventSlim() : null;
            var wanted = options with
            {
                Timeout = timeout,
                Progress = null,
                Answered = signal is null ? null : signal.Set,
            };
            var asked = semaphore
                .slots.Select(slot => semaphore.client.TryAcquireAsync(slot, wanted, enough.Token))
                .ToList();
            if (signal is not null)
            {
                // For clients that are not this library's own.
                foreach (var task in asked)
                {
                    _ = task.ContinueWith(
                        _ => signal.Set(),
                        CancellationToken.None,
                        TaskContinuationOptions.ExecuteSynchronously,
                        TaskScheduler.Default
                    );
                }
            }

            IHeldLock? kept = null;
            Exception? failure = null;
            while (asked.Count > 0)
            {
                var answered = signal is null
                    ? await Task.WhenAny(asked).ConfigureAwait(false)
                    : WaitAny(asked, signal);
                asked.Remove(answered);
                try
                {
                    var held = await answered.ConfigureAwait(false);
                    if (kept is null && held is not null)
                    {
                        kept = held;
                        Cancel(enough);
                    }
                    else if (held is not null)
                    {
                        await GiveBackAsync(held).ConfigureAwait(false);
                    }
                }
                catch (OperationCanceledException) when (enough.IsCancellationRequested)
                {
                    // Given back: one was enough, or the caller gave up.
                }
                catch (Exception e) when (e is RaftLocksException or ObjectDisposedException)
                {
                    failure ??= e;
                    Cancel(enough);
                }
            }

            if (kept is null)
            {
                token.ThrowIfCancellationRequested();
            }

            return kept ?? (failure is null ? null : throw failure);
        }

        private async ValueTask GiveBackAsync(IHeldLock held)
        {
            var released = held.DisposeAsync();
            if (blocks)
            {
                released.AsTask().GetAwaiter().GetResult();
            }
            else
            {
                await released.ConfigureAwait(false);
            }
        }

        // A blocked caller waits for an event that the client's own thread sets. Task.WaitAny would want a thread of
        // the pool for that.
        private static Task<IHeldLock?> WaitAny(List<Task<IHeldLock?>> asked, ManualResetEventSlim signal)
        {
            while (true)
            {
                signal.Reset();
                if (asked.Find(task => task.IsCompleted) is { } completed)
                {
                    return completed;
                }

                signal.Wait();
            }
        }

        private static void Cancel(CancellationTokenSource source) => source.Cancel();

        private ValueTask<IHeldLock?> On(Task<IHeldLock?> task) =>
            blocks ? new(task.GetAwaiter().GetResult()) : new(task);

        /// <summary>The rest of the caller's time; null if nothing is left.</summary>
        private TimeSpan? Left()
        {
            if (IsEndless)
            {
                return Timeout;
            }

            var left = Timeout - Stopwatch.GetElapsedTime(startedAt);
            return left > TimeSpan.Zero ? left : null;
        }
    }
}
