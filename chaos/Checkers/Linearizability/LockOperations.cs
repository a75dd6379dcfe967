// The operations by which requests enter, change and leave.
namespace RaftLocks.Chaos.Checkers.Linearizability;

/// <summary>A request enters.</summary>
/// <param name="Info">The request.</param>
/// <param name="Id">Its id; null if no client received it.</param>
/// <param name="IsAcquired">What the first answer said; null if there was none.</param>
internal sealed record Enter(double Call, double Return, LockInfo Info, ulong? Id, bool? IsAcquired)
    : Operation(Call, Return)
{
    /// <inheritdoc/>
    public override bool IsRead => false;

    /// <inheritdoc/>
    protected override string Words =>
        $"lock [{string.Join(' ', Info.Resources)}], answered "
        + $"{(Id is null ? "nothing" : $"#{Id}")}"
        + $"{(IsAcquired is { } acquired ? acquired ? " acquired" : " enqueued" : "")}";

    /// <inheritdoc/>
    public override bool Fits(QueueModel model, List<Need> needs)
    {
        if (Id is { } id && id != model.Counter + 1)
        {
            return false;
        }

        if (IsAcquired == true)
        {
            NeedWayFor(model, Info.Resources, model.Live.Count, needs);
        }

        return IsAcquired != false || model.WouldWait(Info.Resources);
    }

    /// <inheritdoc/>
    public override void Apply(QueueModel model) => model.Add(Info);
}

/// <summary>A try that was refused: a live request blocked it.</summary>
internal sealed record Busy(double Call, double Return, LockInfo Info) : Operation(Call, Return)
{
    /// <inheritdoc/>
    protected override string Words => $"try [{string.Join(' ', Info.Resources)}], answered busy";

    /// <inheritdoc/>
    public override bool Fits(QueueModel model, List<Need> needs) => model.WouldWait(Info.Resources);
}

/// <summary>How a request ended.</summary>
internal enum Exit
{
    /// <summary>Its client released it, and was told so. It may have ended already, if there was a reason for
    /// that.</summary>
    Released,

    /// <summary>It had waited for too long: it can't have been acquired.</summary>
    TimedOut,

    /// <summary>It was taken away.</summary>
    Revoked,
}

/// <summary>A request leaves.</summary>
internal sealed record Leave(double Call, double Return, ulong Id, Exit Exit) : Operation(Call, Return)
{
    /// <inheritdoc/>
    public override bool IsRead => false;

    /// <inheritdoc/>
    protected override string Words =>
        $"#{Id} {(Exit == Exit.TimedOut ? "timed out" : Exit.ToString().ToLowerInvariant())}";

    /// <inheritdoc/>
    public override bool Fits(QueueModel model, List<Need> needs) =>
        model.Counter >= Id
        && (model.Find(Id), Exit) switch
        {
            (-1, Exit.Released) => true,
            (-1, _) => false,
            ({ } place, Exit.TimedOut) => model.IsBlocked(place),
            _ => true,
        };

    /// <inheritdoc/>
    public override void Apply(QueueModel model)
    {
        if (model.Find(Id) is >= 0 and var place)
        {
            model.End(place);
        }
    }
}

/// <summary>An acquired request lets readers in.</summary>
internal sealed record Downgrade(double Call, double Return, ulong Id) : Operation(Call, Return)
{
    /// <inheritdoc/>
    public override bool IsRead => false;

    /// <inheritdoc/>
    protected override string Words => $"#{Id} downgraded";

    /// <inheritdoc/>
    public override bool Fits(QueueModel model, List<Need> needs)
    {
        var place = model.Find(Id);
        if (place >= 0)
        {
            NeedWayFor(model, place, needs);
        }

        return place >= 0;
    }

    /// <inheritdoc/>
    public override void Apply(QueueModel model) => model.Downgrade(model.Find(Id));
}
