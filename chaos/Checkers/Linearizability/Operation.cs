// An operation of a history: it took effect at one moment between its call and its return. What it needs of the state
// at that moment, and what it changes there.
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Checkers.Linearizability;

/// <summary>What must have happened unseen to a live request before an operation can take effect.</summary>
internal enum Unseen
{
    /// <summary>The request has ended.</summary>
    Ended,

    /// <summary>It has become a reader.</summary>
    Downgraded,

    /// <summary>It no longer blocks some resources: either of both.</summary>
    OutOfTheWay,
}

/// <summary>One such condition.</summary>
/// <param name="Id">The id of the live request.</param>
/// <param name="What">What must have happened to it.</param>
/// <param name="Resources">What it must not be in the way of.</param>
internal readonly record struct Need(ulong Id, Unseen What, IReadOnlyList<Resource> Resources);

/// <summary>An operation.</summary>
/// <param name="Call">The time of the call: it can't have taken effect before.</param>
/// <param name="Return">When its answer was there: it can't have taken effect later. Infinity if it need not have taken
/// effect at all.</param>
internal abstract record Operation(double Call, double Return)
{
    /// <summary>Whose it was, for people.</summary>
    public string By { get; init; } = "";

    /// <summary>Whether it leaves the state as it is. Such a one takes effect as soon as it can, and no other choice
    /// need be tried.</summary>
    public virtual bool IsRead => true;

    /// <summary>Whether it can take effect in this state, perhaps after something unseen, which is added to the
    /// needs.</summary>
    public abstract bool Fits(QueueModel model, List<Need> needs);

    /// <summary>Applies the operation to the model.</summary>
    public virtual void Apply(QueueModel model) { }

    /// <inheritdoc/>
    public sealed override string ToString() =>
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{Words} [{Call:F1} to "
                + $"{(double.IsInfinity(Return) ? "?" : FormattableString.Invariant($"{Return:F1}"))}]"
                + $"{(By.Length == 0 ? "" : " by ")}{By}"
        );

    /// <summary>What it was, for people.</summary>
    protected abstract string Words { get; }

    /// <summary>Adds the condition that nothing blocks a live request.</summary>
    protected static void NeedWayFor(QueueModel model, int place, List<Need> needs) =>
        NeedWayFor(model, model.Live[place].Locked, place, needs);

    /// <summary>Adds the condition that none of the first so many requests blocks a request for these
    /// resources.</summary>
    protected static void NeedWayFor(QueueModel model, IReadOnlyList<Resource> resources, int before, List<Need> needs)
    {
        for (var i = 0; i < before; i++)
        {
            if (model.Live[i].ConflictsWith(resources))
            {
                needs.Add(new Need(model.Live[i].Id, Unseen.OutOfTheWay, resources));
            }
        }
    }
}
