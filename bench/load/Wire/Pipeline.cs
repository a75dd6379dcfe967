using System.Buffers;
using System.Globalization;
using System.Text;

namespace RaftLocks.Load.Wire;

// The most commands for the least work: each connection sends many lock+release pairs in a row, and the next batch when all of them are answered.

/// <summary>One client that pipelines.</summary>
/// <param name="leader">The leader's address for clients.</param>
/// <param name="number">Its number: each locks a path of its own.</param>
/// <param name="pairs">Pairs in a row.</param>
/// <param name="onAnswers">Hears of each answer.</param>
internal sealed class Pipeline(Uri leader, int number, int pairs, Action onAnswers)
{
    private const int AnswersOfPair = 2;
    private readonly ReadOnlyMemory<byte> batch = Batch(number, pairs);

    /// <summary>Sends batches until told to stop.</summary>
    /// <exception cref="IOException">The connection ended.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        var left = 0;
        var answered = NewRound();
        using var connection = await RawConnection.ConnectAsync(leader, "pipeline", LockMany.OutlivesMs, _ =>
        {
            onAnswers();
            if (--left == 0)
            {
                answered.SetResult();
            }
        });
        while (!stop.IsCancellationRequested)
        {
            left = pairs * AnswersOfPair;
            answered = NewRound();
            await connection.SendAsync(batch);
            if (await Task.WhenAny(answered.Task, connection.Ended) == connection.Ended)
            {
                throw new IOException("A connection ended: " + await connection.Ended);
            }
        }
    }

    private static TaskCompletionSource NewRound() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static ReadOnlyMemory<byte> Batch(int number, int pairs)
    {
        var to = new ArrayBufferWriter<byte>();
        var take = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"action":"lock","resources":[{"type":"write","path":["u","{{number}}"]}]}"""));
        for (var i = 0; i < pairs; i++)
        {
            Frames.WriteText(to, take);
            Frames.WriteText(to, """{"action":"release"}"""u8);
        }

        return to.WrittenMemory;
    }
}
