using System.Buffers;
using System.Globalization;
using System.Text;

namespace RaftLocks.Load.Wire;

// Very many locks in little time: a thousand channels over each connection, all asked for at once.

/// <summary>Takes locks by the thousand.</summary>
internal static class LockMany
{
    /// <summary>
    /// Locks over one connection: below the node's limit of channels, and of messages that it takes in before it
    /// answers.
    /// </summary>
    public const int PerConnection = 1_000;

    /// <summary>Longer than any measurement: these locks outlive their connections.</summary>
    public const long OutlivesMs = 86_400_000;

    private const int AtOnce = 8;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(5);

    /// <summary>Makes a number of requests live, each on a path of its own, or all on one.</summary>
    /// <param name="leader">The leader's address for clients.</param>
    /// <param name="ns">The namespace.</param>
    /// <param name="count">The number of requests.</param>
    /// <param name="path">The path of each, as JSON.</param>
    /// <param name="listen">Makes who hears all messages of a connection, by its number; they are answers and, later,
    /// grants.</param>
    /// <returns>The connections that hold or await them.</returns>
    public static async Task<List<RawConnection>> RequestAsync(
        Uri leader,
        string ns,
        int count,
        Func<int, string> path,
        Func<int, OnText>? listen = null
    )
    {
        var connections = new RawConnection[(count + PerConnection - 1) / PerConnection];
        var done = 0;
        await Parallel.ForAsync(
            0,
            connections.Length,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (i, _) =>
            {
                var first = i * PerConnection;
                var here = Math.Min(PerConnection, count - first);
                var left = here;
                var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                var hear = listen?.Invoke(i);
                connections[i] = await RawConnection.ConnectAsync(
                    leader,
                    ns,
                    OutlivesMs,
                    message =>
                    {
                        hear?.Invoke(message);
                        if (Interlocked.Decrement(ref left) == 0)
                        {
                            answered.TrySetResult();
                        }
                    }
                );
                await connections[i].SendAsync(Messages(first, here, path));
                var ended = connections[i].Ended;
                if (await Task.WhenAny(answered.Task, ended).WaitAsync(Bound, CancellationToken.None) == ended)
                {
                    throw new IOException("A connection ended: " + await ended);
                }

                if (Interlocked.Increment(ref done) % 100 == 0)
                {
                    await Console.Error.WriteLineAsync($"{done * PerConnection} requests");
                }
            }
        );
        return [.. connections];
    }

    private static ReadOnlyMemory<byte> Messages(int first, int count, Func<int, string> path)
    {
        var to = new ArrayBufferWriter<byte>(count * 128);
        for (var i = first; i < first + count; i++)
        {
            Frames.WriteText(
                to,
                Encoding.UTF8.GetBytes(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $$"""{"action":"lock","channel":"c{{i - first}}","resources":[{"type":"write","path":{{path(i)}}}]}"""
                    )
                )
            );
        }

        return to.WrittenMemory;
    }
}
