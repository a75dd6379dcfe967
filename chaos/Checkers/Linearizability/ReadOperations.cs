// The operations that only look: what clients were told while they waited, and the answers of GET /v1/fence, GET
// /v1/locks and POST /v1/explain.
using RaftLocks.Chaos.History;

namespace RaftLocks.Chaos.Checkers.Linearizability;

/// <summary>The state of a request.</summary>
internal enum Standing
{
    /// <summary>It has ended, or its id was not given yet.</summary>
    Gone,

    /// <summary>The request waits.</summary>
    Enqueued,

    /// <summary>The request holds its lock.</summary>
    Acquired,
}

/// <summary>A client was told the state of a request.</summary>
/// <param name="HasWrites">Whether it had writes left, if that was told.</param>
/// <param name="Where">The node that answered.</param>
internal sealed record Look(
    double Call,
    double Return,
    ulong Id,
    Standing Standing,
    bool? HasWrites = null,
    string Where = "its connection"
) : Operation(Call, Return)
{
    /// <summary>Whether its id had been given for certain, so that it must have ended if it is gone.</summary>
    public bool WasGiven { get; init; }

    /// <inheritdoc/>
    protected override string Words =>
        $"{Where} told that #{Id} is "
        + $"{Standing.ToString().ToLowerInvariant()}"
        + $"{(HasWrites is { } writes ? writes ? ", with writes" : ", without writes" : "")}";

    /// <inheritdoc/>
    public override bool Fits(QueueModel model, List<Need> needs)
    {
        var place = model.Find(Id);
        if (Standing == Standing.Gone)
        {
            if (place >= 0)
            {
                needs.Add(new Need(Id, Unseen.Ended, []));
            }

            return !WasGiven || model.Counter >= Id;
        }

        if (place < 0 || (Standing == Standing.Enqueued && !model.IsBlocked(place)))
        {
            return false;
        }

        if (Standing == Standing.Acquired)
        {
            NeedWayFor(model, place, needs);
        }

        return FitsMode(model.Live[place], needs);
    }

    private bool FitsMode(in LiveLock one, List<Need> needs)
    {
        if (HasWrites == false && one.Info.HasWrites && !one.IsDowngraded)
        {
            needs.Add(new Need(Id, Unseen.Downgraded, []));
        }

        return HasWrites != true || (one.Info.HasWrites && !one.IsDowngraded);
    }
}

/// <summary>A page of who holds and who waits, of one moment; requests that entered after the page was begun may be
/// missing.</summary>
/// <param name="Rows">The requests on the page, in id order.</param>
/// <param name="UpTo">All live requests up to this id are on it; null if it was the last page.</param>
/// <param name="AtLeast">The greatest id that was known before the call.</param>
internal sealed record Page(
    double Call,
    double Return,
    IReadOnlyList<(ulong Id, Standing Standing)> Rows,
    ulong? UpTo,
    ulong AtLeast
) : Operation(Call, Return)
{
    /// <inheritdoc/>
    protected override string Words =>
        "/v1/locks told ["
        + string.Join(", ", Rows.Select(row => $"#{row.Id} {row.Standing.ToString().ToLowerInvariant()}"))
        + $"]{(UpTo is null ? "" : $" up to #{UpTo}")}";

    /// <inheritdoc/>
    public override bool Fits(QueueModel model, List<Need> needs)
    {
        var upTo = UpTo ?? Math.Max(AtLeast, Rows.Count == 0 ? 0 : Rows[^1].Id);
        var row = 0;
        for (var place = 0; place < model.Live.Count && model.Live[place].Id <= upTo; place++)
        {
            if (row < Rows.Count && Rows[row].Id == model.Live[place].Id)
            {
                if (!FitsRow(model, place, Rows[row].Standing, needs))
                {
                    return false;
                }

                row++;
            }
            else
            {
                needs.Add(new Need(model.Live[place].Id, Unseen.Ended, []));
            }
        }

        return row == Rows.Count;
    }

    // Whoever is on the page too is live, and in its way unless it has become a reader; the others have ended.
    private bool FitsRow(QueueModel model, int place, Standing told, List<Need> needs)
    {
        var locked = model.Live[place].Locked;
        var isBlocked = false;
        for (var i = 0; i < place; i++)
        {
            var other = model.Live[i];
            if (!other.ConflictsWith(locked) || !Rows.Any(row => row.Id == other.Id))
            {
                continue;
            }

            isBlocked = true;
            if (told == Standing.Acquired)
            {
                if ((other with { IsDowngraded = true }).ConflictsWith(locked))
                {
                    return false;
                }

                needs.Add(new Need(other.Id, Unseen.Downgraded, []));
            }
        }

        return told == Standing.Acquired || isBlocked;
    }
}

/// <summary>A query for the requests that would block a lock.</summary>
/// <param name="Resources">The resources of the lock.</param>
/// <param name="Blockers">The oldest ids in its way, ascending.</param>
internal sealed record Explain(
    double Call,
    double Return,
    IReadOnlyList<Resource> Resources,
    IReadOnlyList<ulong> Blockers
) : Operation(Call, Return)
{
    /// <summary>No more blockers than this are listed.</summary>
    public const int MaxBlockers = 16;

    /// <summary>Whether the answer said that it would be acquired; null if it did not say.</summary>
    public bool? WouldBeAcquired { get; init; }

    /// <inheritdoc/>
    protected override string Words =>
        $"/v1/explain told that [{string.Join(' ', Resources)}] "
        + $"{(Blockers.Count == 0 ? "would be granted" : $"would wait for #{string.Join(", #", Blockers)}")}";

    /// <inheritdoc/>
    public override bool Fits(QueueModel model, List<Need> needs) =>
        (WouldBeAcquired ?? Blockers.Count == 0) == (Blockers.Count == 0)
        && Fits(model, Resources, model.Live.Count, Blockers, needs);

    /// <summary>Whether just these of the first so many are in the way.</summary>
    public static bool Fits(
        QueueModel model,
        IReadOnlyList<Resource> resources,
        int before,
        IReadOnlyList<ulong> blockers,
        List<Need> needs
    )
    {
        var next = 0;
        for (var place = 0; place < before && !(next == blockers.Count && next == MaxBlockers); place++)
        {
            var isTold = next < blockers.Count && blockers[next] == model.Live[place].Id;
            next += isTold ? 1 : 0;
            if (model.Live[place].ConflictsWith(resources) != isTold)
            {
                if (isTold)
                {
                    return false;
                }

                needs.Add(new Need(model.Live[place].Id, Unseen.OutOfTheWay, resources));
            }
        }

        return next == blockers.Count;
    }
}

/// <summary>Why a request waits.</summary>
internal sealed record ExplainId(double Call, double Return, ulong Id, Standing Standing, IReadOnlyList<ulong> Blockers)
    : Operation(Call, Return)
{
    /// <inheritdoc/>
    protected override string Words =>
        $"/v1/explain told that #{Id} is "
        + $"{Standing.ToString().ToLowerInvariant()}"
        + $"{(Blockers.Count == 0 ? "" : $", for #{string.Join(", #", Blockers)}")}";

    /// <inheritdoc/>
    public override bool Fits(QueueModel model, List<Need> needs)
    {
        var place = model.Find(Id);
        if (Standing == Standing.Gone)
        {
            if (place >= 0)
            {
                needs.Add(new Need(Id, Unseen.Ended, []));
            }

            return true;
        }

        return place >= 0
            && (Standing == Standing.Enqueued) == (Blockers.Count > 0)
            && Explain.Fits(model, model.Live[place].Locked, place, Blockers, needs);
    }
}
