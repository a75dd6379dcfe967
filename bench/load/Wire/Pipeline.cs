using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace RaftLocks.Load.Wire;

// The most commands for the least work: each connection sends many lock+release pairs in a row, and the next batch when
// all of them are answered.

/// <summary>One client that pipelines.</summary>
/// <param name="findLeader">Finds the leader's address for clients: it may be another one by the time that a connection
/// ended.</param>
/// <param name="number">Its number: each locks a path of its own.</param>
/// <param name="pairs">Pairs in a row.</param>
/// <param name="onAnswers">Is called for each answer.</param>
internal sealed class Pipeline(Func<Task<Uri>> findLeader, int number, int pairs, Action onAnswers)
{
    private const int AnswersOfPair = 2;
    private static readonly TimeSpan ConnectAgainAfter = TimeSpan.FromMilliseconds(100);
    private readonly ReadOnlyMemory<byte> batch = Batch(number, pairs);

    /// <summary>Times that its connection ended before it was told to stop, or could not be made.</summary>
    public int Interruptions { get; private set; }

    /// <summary>Sends batches until told to stop; connects again when its connection has ended.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await SendAllAsync(await findLeader(), stop);
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                Interruptions++;
                await Task.Delay(ConnectAgainAfter, CancellationToken.None);
            }
        }
    }

    private async Task SendAllAsync(Uri leader, CancellationToken stop)
    {
        var left = 0;
        var answered = NewRound();
        using var connection = await RawConnection.ConnectAsync(
            leader,
            "pipeline",
            0,
            _ =>
            {
                onAnswers();
                if (--left == 0)
                {
                    answered.SetResult();
                }
            }
        );
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
        var take = Encoding.UTF8.GetBytes(
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"action":"lock","resources":[{"type":"write","path":["u","{{number}}"]}]}"""
            )
        );
        for (var i = 0; i < pairs; i++)
        {
            Frames.WriteText(to, take);
            Frames.WriteText(to, """{"action":"release"}"""u8);
        }

        return to.WrittenMemory;
    }
}
