// Compares this node's state with the others', at equal index, for as long as it runs: the digest of the state and the head of the ledger.
// Equal logs give equal states; if two ever differ, a node is damaged (memory, disk, a defect) and an alarm stays up until it restarts.
using RaftLocks.Node.Raft;
using RaftLocks.StateMachine;

namespace RaftLocks.Node.Journal;

/// <summary>How this node compares with another.</summary>
/// <param name="Name">The other.</param>
/// <param name="ComparedIndex">The last index at which the two were compared; 0 while they never were.</param>
/// <param name="DiffersAt">The first index at which they differed; 0 if they never did.</param>
internal sealed record ReplicaView(string Name, long ComparedIndex, long DiffersAt);

internal sealed class ReplicaWatch(
    Func<IEnumerable<Member>> others,
    Func<DigestMark[]> own,
    Func<Member, CancellationToken, Task<IReadOnlyList<DigestMark>>> ask,
    TimeProvider time,
    ILogger logger) : IAsyncDisposable
{
    // Nodes are not asked at the same moment, and one may lag behind: what was seen is kept until the other gets there.
    private const int OwnMarksKept = 8192;
    private const int OtherMarksKept = 512;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource stopping = new();
    private readonly MarkBook mine = new(OwnMarksKept);
    private readonly Dictionary<string, MarkBook> theirs = new(StringComparer.Ordinal);
    private IReadOnlyList<ReplicaView> views = [.. others().Select(other => new ReplicaView(other.Name, 0, 0))];
    private Task watching = Task.CompletedTask;

    /// <summary>How this node compares with each of the others.</summary>
    public IReadOnlyList<ReplicaView> Views => Volatile.Read(ref views);

    /// <summary>Looks from now on.</summary>
    public void Start() => watching = Task.Run(WatchAsync);

    /// <summary>Asks all others once, and compares.</summary>
    public async Task LookAsync()
    {
        mine.Add(own());
        var asked = others().ToArray();
        var answers = await Task.WhenAll(asked.Select(AskAsync));
        mine.Add(own());
        Volatile.Write(ref views, [.. asked.Select((other, i) => Compare(other.Name, answers[i]))]);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await watching;
        stopping.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            await LookAsync();
            await Task.Delay(Every, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<IReadOnlyList<DigestMark>> AskAsync(Member other)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        patience.CancelAfter(AnswerBound);
        try
        {
            return await ask(other, patience.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException or InvalidDataException)
        {
            // It is down, or cut off; that shows elsewhere.
            return [];
        }
    }

    private ReplicaView Compare(string other, IReadOnlyList<DigestMark> answer)
    {
        var view = views.FirstOrDefault(known => known.Name == other) ?? new ReplicaView(other, 0, 0);
        if (!theirs.TryGetValue(other, out var book))
        {
            theirs[other] = book = new MarkBook(OtherMarksKept);
        }

        book.Add(answer);
        foreach (var mark in book.Marks.ToArray())
        {
            if (!mine.TryFind(mark.Index, out var own) || mark.Index <= view.ComparedIndex)
            {
                continue;
            }

            view = view with { ComparedIndex = mark.Index };
            if (own != mark && view.DiffersAt == 0)
            {
                view = view with { DiffersAt = mark.Index };
                JournalLog.ReplicasDiffer(logger, view.Name, mark.Index, own.Digest.ToString("x32"), mark.Digest.ToString("x32"), own.Ledger.ToString(), mark.Ledger.ToString());
            }
        }

        book.ForgetUpTo(view.ComparedIndex);
        return view;
    }
}
