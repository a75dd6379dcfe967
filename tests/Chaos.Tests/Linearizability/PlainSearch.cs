// The same question answered by the definition alone: every order of all operations is tried that respects who returned
// before whom was called, and whatever may happen unseen is an operation like any other. For histories of some dozens
// of operations.
using System.Globalization;
using RaftLocks.Chaos.Checkers.Linearizability;

namespace RaftLocks.Chaos.Tests.Linearizability;

internal sealed class PlainSearch
{
    private readonly Operation[] operations;
    private readonly QueueModel model = new();
    private readonly HashSet<string> tried = [];

    public PlainSearch(IReadOnlyList<Operation> history)
    {
        var infos = history.OfType<Enter>().Select(enter => enter.Info).ToArray();
        operations =
        [
            .. history,
            .. infos
                .Where(info => !double.IsInfinity(info.MayEndFrom))
                .Select(info => new Unseen(info.MayEndFrom, info, Ends: true)),
            .. infos
                .Where(info => !double.IsInfinity(info.MayDowngradeFrom))
                .Select(info => new Unseen(info.MayDowngradeFrom, info, Ends: false)),
        ];
    }

    /// <summary>How many operations there are; a set of them is kept in 64 bits.</summary>
    public int Count => operations.Length;

    /// <summary>Whether there is such an order.</summary>
    public bool IsExplained(ulong done = 0)
    {
        var left = Enumerable.Range(0, operations.Length).Where(i => (done >> i & 1) == 0).ToArray();
        var until = left.Select(i => operations[i].Return).DefaultIfEmpty(double.PositiveInfinity).Min();
        if (double.IsInfinity(until))
        {
            return true;
        }

        if (
            !tried.Add(
                string.Create(CultureInfo.InvariantCulture, $"{done} {QueueModel.Describe(model.Counter, model.Live)}")
            )
        )
        {
            return false;
        }

        foreach (var i in left.Where(i => operations[i].Call <= until))
        {
            var needs = new List<Need>();
            if (!operations[i].Fits(model, needs) || needs.Count > 0)
            {
                continue;
            }

            var changes = model.Changes;
            operations[i].Apply(model);
            var isExplained = IsExplained(done | (1UL << i));
            model.TakeBackTo(changes);
            if (isExplained)
            {
                return true;
            }
        }

        return false;
    }

    private sealed record Unseen(double Call, LockInfo Info, bool Ends) : Operation(Call, double.PositiveInfinity)
    {
        public override bool IsRead => false;

        protected override string Words => Ends ? "an end that nobody saw" : "a downgrade that nobody saw";

        public override bool Fits(QueueModel model, List<Need> needs) => model.Live.Any(one => one.Info == Info);

        public override void Apply(QueueModel model)
        {
            var place = Enumerable.Range(0, model.Live.Count).First(i => model.Live[i].Info == Info);
            if (Ends)
            {
                model.End(place);
            }
            else
            {
                model.Downgrade(place);
            }
        }
    }
}
