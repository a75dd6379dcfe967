// Whether there is an order of a history's operations, each at a moment between its call and its return, that the one
// rule explains: the search of Wing and Gong, depth first, with Lowe's memory of what was tried (which operations have
// taken effect, and the state they led to). Three things keep it short:
//
//   - Ids are the log's order: a request with a known id enters exactly when its turn has come.
//   - What only looks takes effect as soon as it can. It changes nothing, so waiting for it can't help.
// - What may have happened unseen (an abandon, a release that was never answered) happens when something else can't be
// explained without it, not before.
//     Whatever does not depend on it could as well have happened first.
using System.Diagnostics;

namespace RaftLocks.Chaos.Checkers.Linearizability;

/// <summary>How a search ended.</summary>
internal enum Outcome
{
    /// <summary>There is such an order.</summary>
    Explained,

    /// <summary>No order explains the history.</summary>
    Violated,

    /// <summary>The outcome is unknown: there were too many possibilities.</summary>
    Unknown,
}

/// <summary>Searches one history.</summary>
/// <param name="operations">The history.</param>
/// <param name="budget">How far to go.</param>
internal sealed class Search(IReadOnlyCollection<Operation> operations, SearchBudget budget)
{
    private const int ShownUnderWay = 8;

    private readonly EntryList entries = new(operations);
    private readonly QueueModel model = new();
    private readonly HashSet<UInt128> tried = [];
    private readonly HashSet<ulong> known = [.. operations.OfType<Enter>().Select(enter => enter.Id).OfType<ulong>()];
    private readonly List<int> candidates = [];
    private readonly List<Need> needs = [];
    private readonly long startedAt = Stopwatch.GetTimestamp();
    private (int Lifted, Operation? Next, ulong Counter, LiveLock[] Live, int[] UnderWay) best = (-1, null, 0, [], []);

    /// <summary>How many states were tried.</summary>
    public int Tried => tried.Count;

    /// <summary>The longest explanation, and what it could not explain.</summary>
    public string Evidence =>
        $"{best.Next} is not explained by the one rule. After {best.Lifted} of {entries.Count} operations "
        + $"{QueueModel.Describe(best.Counter, best.Live)}. "
        + $"Under way: {string.Join("; ", best.UnderWay.Take(ShownUnderWay).Select(number => entries[number]))}";

    /// <summary>Runs the search.</summary>
    public Outcome Run()
    {
        var frames = new Stack<Frame>();
        Look();
        frames.Push(Expand());
        while (entries.Next is not null)
        {
            if (!frames.TryPeek(out var frame))
            {
                return Outcome.Violated;
            }

            if (!frame.Moves.TryDequeue(out var move))
            {
                frames.Pop();
                if (frames.TryPeek(out var under))
                {
                    Return(under);
                }

                continue;
            }

            Play(move);
            Look();
            if (!tried.Add(entries.Hash ^ model.Hash))
            {
                Return(frame);
            }
            else if (tried.Count > budget.States || Stopwatch.GetElapsedTime(startedAt) > budget.Time)
            {
                return Outcome.Unknown;
            }
            else
            {
                frames.Push(Expand());
            }
        }

        return Outcome.Explained;
    }

    private void Return(Frame to)
    {
        entries.PutBackTo(to.Lifted);
        model.TakeBackTo(to.Changes);
    }

    // All that only looks, and sees what there is.
    private void Look()
    {
        for (var isAny = true; isAny;)
        {
            isAny = false;
            candidates.Clear();
            entries.Candidates(candidates);
            foreach (var number in candidates)
            {
                needs.Clear();
                if (entries[number].IsRead && entries[number].Fits(model, needs) && needs.Count == 0)
                {
                    entries.Lift(number);
                    isAny = true;
                }
            }
        }

        if (entries.Lifted > best.Lifted)
        {
            best = (
                entries.Lifted,
                entries.Next,
                model.Counter,
                [.. model.Live],
                [.. candidates.Where(number => entries[number] != entries.Next)]
            );
        }
    }

    private Frame Expand()
    {
        var frame = new Frame(entries.Lifted, model.Changes);
        candidates.Clear();
        entries.Candidates(candidates);
        var until = entries.Next?.Return ?? double.PositiveInfinity;

        // What must be over first is tried first.
        candidates.Sort((a, b) => entries[a].Return.CompareTo(entries[b].Return));
        foreach (var number in candidates)
        {
            needs.Clear();
            if (!IsNobodysTurn(entries[number]) && entries[number].Fits(model, needs))
            {
                AddMoves(frame, number, until);
            }
        }

        return frame;
    }

    // One that nobody was told the number of can't have a number that another was told.
    private bool IsNobodysTurn(Operation operation) =>
        operation is Enter { Id: null } && known.Contains(model.Counter + 1);

    // A move for each way in which what it needs may have happened.
    private void AddMoves(Frame frame, int number, double until)
    {
        List<(ulong Id, bool Ends)[]> ways =
        [
            [],
        ];
        foreach (var need in needs)
        {
            var one = model.Live[model.Find(need.Id)];
            var options = new List<bool>(2);
            if (
                need.What != Unseen.Ended
                && !one.IsDowngraded
                && one.Info.MayDowngradeFrom <= until
                && (need.What == Unseen.Downgraded || !(one with { IsDowngraded = true }).ConflictsWith(need.Resources))
            )
            {
                options.Add(false);
            }

            if (need.What != Unseen.Downgraded && one.Info.MayEndFrom <= until)
            {
                options.Add(true);
            }

            ways = [.. ways.SelectMany(way => options.Select(ends => way.Append((need.Id, ends)).ToArray()))];
        }

        ways.ForEach(way => frame.Moves.Enqueue(new Move(number, way)));
    }

    private void Play(Move move)
    {
        foreach (var (id, ends) in move.Unseen)
        {
            var place = model.Find(id);
            if (ends)
            {
                model.End(place);
            }
            else if (!model.Live[place].IsDowngraded)
            {
                model.Downgrade(place);
            }
        }

        entries[move.Number].Apply(model);
        entries.Lift(move.Number);
    }

    private readonly record struct Move(int Number, (ulong Id, bool Ends)[] Unseen);

    private sealed record Frame(int Lifted, int Changes)
    {
        public Queue<Move> Moves { get; } = [];
    }
}

/// <summary>How far a search goes before it gives up.</summary>
/// <param name="States">The number of states that it may try; each takes some 40 bytes.</param>
/// <param name="Time">The time that it may take.</param>
internal sealed record SearchBudget(int States, TimeSpan Time)
{
    /// <summary>The budget for one namespace of a run.</summary>
    public static readonly SearchBudget Default = new(2_000_000, TimeSpan.FromSeconds(30));
}
