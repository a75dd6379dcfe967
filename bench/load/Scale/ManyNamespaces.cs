using RaftLocks.Load.Wire;

namespace RaftLocks.Load.Scale;

/// <summary>Namespaces in which a lock was held once: all that is left of each is its name and its counter.</summary>
internal sealed class ManyNamespaces(int count) : IScaleSection
{
    private const int AtOnce = 16;
    private const int FewForWarmUp = 200;
    private static readonly byte[] Lock = Frames.Write(
        Frames.Text,
        """{"action":"lock","resources":[{"type":"write","path":["a"]}]}"""u8
    );
    private static readonly byte[] Release = Frames.Write(Frames.Text, """{"action":"release"}"""u8);

    public string What => "namespaces";

    public int Count => count;

    public Task WarmUpAsync(Uri leader) => UseAsync(leader, "warm", FewForWarmUp);

    public Task AddAsync(Uri leader) => UseAsync(leader, "tenant", count);

    public async Task<object?> FinishAsync(Uri leader)
    {
        var beside = await BackgroundLoad.MeasureAsync(leader);
        return new { beside.CyclesPerSecond, beside.P50Ms };
    }

    public bool HasPassed(Growth leader) => true;

    private static Task UseAsync(Uri leader, string name, int some) =>
        Parallel.ForAsync(
            0,
            some,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (i, _) =>
            {
                var answers = 0;
                var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                using var connection = await RawConnection.ConnectAsync(
                    leader,
                    $"{name}-{i:d7}",
                    0,
                    _ =>
                    {
                        if (++answers == 2)
                        {
                            done.SetResult();
                        }
                    }
                );
                await connection.SendAsync((byte[])[.. Lock, .. Release]);
                if (await Task.WhenAny(done.Task, connection.Ended) == connection.Ended)
                {
                    throw new IOException("A connection ended: " + await connection.Ended);
                }

                if (i % 5_000 == 4_999)
                {
                    await Console.Error.WriteLineAsync($"{i + 1} namespaces");
                }
            }
        );
}
