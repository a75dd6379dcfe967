// Compares this node's state with the others', at equal index, for as long as it runs: the digest of the state and the
// head of the ledger. Equal logs give equal states; if two ever differ, a node is damaged (memory, disk, a defect) and
// an alarm stays up until it restarts. Where a majority of all members agrees on another state than this node has, it
// is this node that is wrong, and it ends.
using RaftLocks.Node.Foundation;
using RaftLocks.StateMachine.State;

namespace RaftLocks.Node.Journal;

/// <summary>This node, compared with another.</summary>
/// <param name="Name">The name of the other member.</param>
/// <param name="ComparedIndex">The last index at which the two were compared; 0 while they never were.</param>
/// <param name="DiffersAt">The first index at which they differed; 0 if they never did.</param>
internal sealed record ReplicaView(string Name, long ComparedIndex, long DiffersAt);

internal sealed class ReplicaWatch(
    Func<IEnumerable<Member>> others,
    Func<DigestPoint[]> own,
    Func<Member, CancellationToken, Task<IReadOnlyList<DigestPoint>>> ask,
    Action<string> outvoted,
    TimeProvider time,
    ILogger logger
) : IAsyncDisposable
{
    // Nodes are not asked at the same moment, and one may lag behind: what was seen is kept until the other gets there.
    private const int OwnPointsKept = 8192;
    private const int OtherPointsKept = 1024;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource stopping = new();
    private readonly MemberDigestHistory mine = new(OwnPointsKept);
    private readonly Dictionary<string, MemberDigestHistory> theirs = new(StringComparer.Ordinal);
    private IReadOnlyList<ReplicaView> views = [.. others().Select(other => new ReplicaView(other.Name, 0, 0))];
    private Task watching = Task.CompletedTask;

    /// <summary>This node, compared with each of the others.</summary>
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
        if (views.Any(view => view.DiffersAt > 0))
        {
            EndIfOutvoted(asked);
        }
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

    private async Task<IReadOnlyList<DigestPoint>> AskAsync(Member other)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        timeout.CancelAfter(AnswerBound);
        try
        {
            return await ask(other, timeout.Token);
        }
        catch (Exception e)
            when (e is HttpRequestException or OperationCanceledException or IOException or InvalidDataException)
        {
            // The member is down or cut off; other checks report that.
            return [];
        }
    }

    /// <summary>
    /// Looks for an index at which more than half of all members have one state, and this node another one.
    /// </summary>
    private void EndIfOutvoted(Member[] asked)
    {
        var books = asked.Select(other => theirs[other.Name]).ToArray();
        foreach (var here in mine.Points.Reverse())
        {
            var agreed = books
                .Select((book, i) => (Name: asked[i].Name, Found: book.TryFind(here.Index, out var point), Mark: point))
                .Where(other => other.Found && other.Mark != here)
                .GroupBy(other => other.Mark)
                .FirstOrDefault(group => group.Count() > (asked.Length + 1) / 2);
            if (agreed is not null)
            {
                outvoted(
                    $"The state of this node at index {here.Index} differs from that of "
                        + $"{string.Join(" and ", agreed.Select(other => other.Name))}, a majority which agrees"
                        + $" (digest {here.Digest:x32} here, {agreed.Key.Digest:x32} there; ledger {here.Ledger} "
                        + $"here, {agreed.Key.Ledger} there)."
                );
                return;
            }
        }
    }

    private ReplicaView Compare(string other, IReadOnlyList<DigestPoint> answer)
    {
        var view = views.FirstOrDefault(known => known.Name == other) ?? new ReplicaView(other, 0, 0);
        if (!theirs.TryGetValue(other, out var book))
        {
            theirs[other] = book = new MemberDigestHistory(OtherPointsKept);
        }

        book.Add(answer);
        foreach (var point in book.Points.ToArray())
        {
            if (!mine.TryFind(point.Index, out var own) || point.Index <= view.ComparedIndex)
            {
                continue;
            }

            view = view with { ComparedIndex = point.Index };
            if (own != point && view.DiffersAt == 0)
            {
                view = view with { DiffersAt = point.Index };
                JournalLog.ReplicasDiffer(
                    logger,
                    view.Name,
                    point.Index,
                    own.Digest.ToString("x32"),
                    point.Digest.ToString("x32"),
                    own.Ledger.ToString(),
                    point.Ledger.ToString()
                );
            }
        }

        return view;
    }
}
